"""Sums as the roll-up would have made them, for pages that show them: a year of transactions, by number, which no test
has the time to make through use cases; and analysts who look at these pages."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from itertools import product
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service.staff import add_staff
from app.kernel import clock, ids
from app.kernel.actor import Role, System
from app.kernel.ids import new_id
from app.places.rules import DEFAULT_ZONE
from app.savings.measures import MEASURES, TICKET_MEASURES
from app.savings.models import Cell, Release, ReleasedBlock, Ticket, TicketCell
from app.savings.rules.metrics import FAMILIES
from app.savings.rules.parameters import Parameter
from app.web.data.filters import last_year, months, year_before
from tests.conftest import Database
from tests.web.browser import Browser, signed_in_browser

REGIONS = {"OC": "suroeste", "DF": "centrosur"}
SEXES = {"M": 0.6, "H": 0.4}


def this_year() -> Sequence[date]:
    """The months pages show when nothing is chosen, the newest first."""
    return months(last_year(clock.today(DEFAULT_ZONE))[1], 12)


def the_year_before() -> Sequence[date]:
    return months(year_before(this_year()[-1])[1], 12)


async def transactions(
    session: AsyncSession,
    periods: Iterable[date],
    *,
    count: int = 100,
    services: Sequence[str] = ("weeks", "family-medicine"),
    states: Sequence[str] = ("OC", "DF"),
) -> None:
    """Insert transactions online a month, service and state, nine of ten completed; and by sex."""
    for period in periods:
        for service in services:
            for place in (*states, *(REGIONS[state] for state in states)):
                geography = "S" if place in REGIONS else "R"
                for segment, parts in (("", {"": 1.0}), ("sex", SEXES)):
                    for value, part in parts.items():
                        key = {
                            "period_type": "M",
                            "geography": geography,
                            "segment": segment,
                            "period": period,
                            "place": place,
                        }
                        session.add(
                            _cell(int(count * part), **key, service=service, channel="web", segment_value=value)
                        )


def _cell(count: int, **key: object) -> Cell:
    done = count * 9 // 10
    sums = dict.fromkeys(MEASURES, 0) | {
        "transactions": count,
        "started": count,
        "completed": done,
        "counted": done,
        "refused": count - done,
        "online": count,
        "observed": count,
        "seconds": count * 300,
        "seconds_sq": count * 100_000,
        "rated": done,
        "rating": done * 4,
        "rating_sq": done * 17,
        "people": count,
    }
    return Cell(**key, **sums)


async def tickets(session: AsyncSession, periods: Iterable[date], *, count: int = 50) -> None:
    """Insert people at the window a month, who waited half an hour on average."""
    sums = dict.fromkeys(TICKET_MEASURES, 0) | {"tickets": count, "waited": count, "wait_seconds": count * 1_800}
    sums["wait_seconds_sq"] = count * 4_000_000
    for period in periods:
        for geography, place in (("S", "OC"), ("R", "suroeste")):
            key = {
                "geography": geography,
                "period": period,
                "place": place,
                "service": "window",
                "weekday": 0,
                "hour": -1,
            }
            session.add(TicketCell(**key, **sums))


async def walk_ins(session: AsyncSession, periods: Iterable[date], *, count: int = 50) -> None:
    """As many people without an appointment a month as tickets of a desk tell, who waited half an hour."""
    unit_id = ids.new_id()
    for period in periods:
        at = datetime.combine(period, time(18), UTC)
        for number in range(count):
            served = at + timedelta(minutes=30, seconds=number)
            ticket = {
                "arrived_at": at,
                "called_at": served,
                "served_at": served,
                "left_at": served,
                "served_seconds": 0,
            }
            place = {"unit_id": unit_id, "state": "OC", "region": "suroeste", "timezone": "America/Mexico_City"}
            session.add(Ticket(id=ids.new_id(), event_ids=[], service="weeks", walk_in=True, **place, **ticket))


async def released(
    session: AsyncSession, periods: Iterable[date], *, count: int = 100, services: Sequence[str] = ("weeks", "vigencia")
) -> None:
    """As much of savings, released to the public, as `transactions` of two states would be by region."""
    family = FAMILIES["savings"]
    done = count * 9 // 10
    sums = {"counted": done, "located": 0, "metres": 0, "seconds": count * 300, "online": count, "observed": count}
    amounts = [(sums | {"visits": 0})[name] for name in family.amounts]
    for period in periods:
        key = {"family": family.id, "period": period}
        session.add(Release(**key, is_suppressed=False, released_at=clock.now()))
        for service, (state, region) in product(services, REGIONS.items()):
            where = {
                "kind": "certificate",
                "service": service,
                "region": region,
                "state": state,
                "unit": "",
                "dimension_value": "",
            }
            session.add(
                ReleasedBlock(**key, dimension="place", **where, measures=list(family.amounts), amounts=amounts)
            )


BOARD = "/datos/tablero"


BETA = Parameter(
    "would_have_visited", "clinic-change", "", "beta", None, 29.5, 15.5, "share", None, "Encuesta", "measured", 45
)


async def hire(db: Database, role: Role = Role.ANALYST) -> Any:
    async with db.transaction() as session:
        made = await add_staff(
            session,
            System("test"),
            username=f"{role.value}-{new_id()}",
            full_name="Rosa Díaz",
            role=role,
            password="una frase bastante larga",
            unit_ids=None,
        )
    return made.staff_id


async def analyst_of(app: FastAPI, db: Database) -> Browser:
    return await signed_in_browser(app, db, staff_id=await hire(db))


async def year_of_transactions(db: Database) -> None:
    async with db.transaction() as session:
        await transactions(session, this_year())
        await transactions(session, the_year_before(), count=50)
        await tickets(session, this_year())
        await released(session, this_year())
        await released(session, the_year_before(), count=50)


def said_by(html: str) -> str:
    main = html[html.find("<main") : html.find("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))
