"""The ten events of docs/savings.md, rolled up and computed, give what the page says."""

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.parameters import Parameter
from app.savings.service import estimates
from app.savings.service.estimates import ModelOptions
from tests.appointments.factories import person
from tests.savings import factories
from tests.savings.factories import Happening

PAGE = (Path(__file__).parents[2] / "docs" / "savings.md").read_text(encoding="utf-8")
EXAMPLE = PAGE[PAGE.index("## Recompute it by hand") : PAGE.index("`tests/savings/test_worked_example.py`")]
EVENT = re.compile(
    r"^\| (\d+) \| (\w+)(, two days later)? \| `([\w.-]+)`( \(approved\))? \| ([\w-]+) \| ?(\d*) ?\|", re.MULTILINE
)
FIGURE = re.compile(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)
FOR_ALL = re.compile(r"`(\w+)` (\d+(?:\.\d+)?)")
RESULT = re.compile(r"\*\*([\d.]+) (minutes|hours|pesos)\*\*")
TWO_DAYS = 2 * 24 * 60


def events(people: dict[str, UUID]) -> list[Happening]:
    """The page's events, a minute after each other; each certificate and the pension is a request of its own."""
    made: list[Happening] = []
    hold, subject, later = ids.new_id(), ids.new_id(), 0
    for number, who, is_later, kind, approved, service, seconds in EVENT.findall(EXAMPLE):
        if kind == "request.started":
            subject = ids.new_id()
        later = later + TWO_DAYS if is_later else later
        payload = {"folio": "Q", "outcome": "approved", "reasons": []} if approved else {"folio": "Q"}
        if kind.startswith(("seat", "appointment")):
            subject = hold if kind == "seat.held" else ids.new_id()
            payload = {"folio": "C", "hold_id": str(hold)}
        made.append(
            Happening(
                kind,
                int(number) + later,
                subject,
                people[who],
                service,
                seconds=float(seconds) if seconds else None,
                actor="system" if approved else "citizen",
                payload=payload,
            )
        )
    return made


def parameters() -> list[Parameter]:
    """The page's figures; what it doesn't name can't matter here."""
    every = EXAMPLE[EXAMPLE.index("and for all") :].split("\n\n")[0]
    given = {key: float(value) for key, value in FOR_ALL.findall(every)}
    narrow = [
        factories.parameter(key, float(value), scope=scope)
        for key, certificate, appointment in FIGURE.findall(EXAMPLE)
        for scope, value in (("weeks", certificate), ("family-medicine", appointment))
    ]
    wide = [factories.parameter(row.key, given[row.key]) if row.key in given else row for row in factories.parameters()]
    return [*wide, *narrow]


async def test_the_page_is_right(session: AsyncSession) -> None:
    people = {name: (await person(session)).id for name in ("Ana", "Beto", "Carla")}
    happenings = events(people)
    assert len(happenings) == 10
    await factories.happen(session, *happenings)
    version = await factories.baseline(session, parameters())
    query = MetricQuery(date(2026, 1, 1), date(2026, 12, 31))
    found = (await estimates.estimate_savings(session, query, ModelOptions(version, 2025))).total
    minutes, hours, money, value = (float(amount) for amount, _unit in RESULT.findall(EXAMPLE))
    assert found.counted == 2
    assert found.hours.median * 60 == pytest.approx(minutes, abs=0.0001)
    assert found.hours.median == pytest.approx(hours, abs=0.0001)
    assert found.mxn.median == pytest.approx(money, abs=0.0001)
    assert found.value_mxn.median == pytest.approx(value, abs=0.0001)
    assert found.hours.low == found.hours.high
