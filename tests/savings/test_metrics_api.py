"""The metrics over HTTP: to analysts whole, to everyone without groups of few; JSON and CSV say the same."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from app.kernel import db as kernel_db
from app.kernel import ids
from app.kernel.actor import Role
from app.main import create_app
from app.savings.api.metrics import since_until
from app.savings.rules.metrics import METRICS
from tests.appointments import factories as places
from tests.conftest import Database, clone, drop
from tests.requests.actors import Citizen, Officer, hire
from tests.savings import factories
from tests.savings.factories import Happening

SPAN = {"since": "2025-01-01", "until": "2025-12-31"}
YEAR_BEFORE = -365 * 24 * 60
"""Minutes from the day tests begin on to the same day of a year that has ended, whenever the tests run."""
SAVINGS = "/api/v1/savings"
SEEN: dict[tuple[str, ...], tuple[int, bool]] = {("*",): (29, False), ("weeks",): (50, True), (): (79, False)}
"""What everyone sees of `completion` by service: how many, and whether it is only part."""


@dataclass
class Scene:
    """A year in which people did their transactions; who may ask."""

    db: Database
    client: httpx.AsyncClient
    analyst: Officer

    async def ask(self, metric: str, *, whole: bool = False, **params: Any) -> httpx.Response:
        headers = self.analyst.headers if whole else {}
        return await self.client.get(f"/api/v1/metrics/{metric}", params=SPAN | params, headers=headers)

    async def rows(self, metric: str, *group_by: str, whole: bool = False, **params: Any) -> dict[tuple[Any, ...], Any]:
        """Rows by their keys; `()` is the total."""
        answer = await self.ask(metric, whole=whole, group_by=list(group_by), limit=100, **params)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        return {tuple(row["keys"][name] for name in group_by): row for row in said["rows"] if group_by} | {
            (): said["total"]
        }


def people(count: int, **more: Any) -> list[Happening]:
    return [
        step
        for number in range(count)
        for step in factories.request(ids.new_id(), minutes=YEAR_BEFORE + number / 10, **more)
    ]


@pytest.fixture(scope="module")
async def scene(worker_name: str) -> AsyncIterator[Scene]:
    """One for all tests here: they only read, and make staff."""
    url = clone(f"metrics_{worker_name}")
    kernel_db.configure(url.render_as_string(hide_password=False))
    db = Database(url)
    async with db.transaction() as session:
        await factories.baseline(session, factories.parameters(spread=0.2))
        unit = await places.unit(session)
        await factories.happen(
            session,
            *people(30, service="weeks", unit=unit.id),
            *people(14, service="vigencia", unit=unit.id),
            *people(12, service="vigencia", outcome="denied"),
            *people(3, service="nss-find"),
            *people(20, service="weeks", channel="desk", unit=unit.id),
        )
        await factories.release(session)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app()), base_url="http://portal") as client:
        yield Scene(db, client, await hire(db, client, Role.ANALYST))
    await kernel_db.disconnect()
    drop(url)


async def test_the_public_sees_no_small_cell_nor_what_reveals_it(scene: Scene) -> None:
    """Three looked for their number: they are merged with the smallest group that is published, and only so."""
    seen = await scene.rows("completion", "service")
    assert {keys: (row["n"], row["partial"]) for keys, row in seen.items()} == SEEN
    assert seen["*",]["keys"] == {"service": "*"}
    assert not any(row["suppressed"] for row in seen.values())


async def test_analysts_see_everything(scene: Scene) -> None:
    seen = await scene.rows("completion", "service", whole=True)
    assert {keys: row["n"] for keys, row in seen.items()} == {
        ("nss-find",): 3,
        ("vigencia",): 26,
        ("weeks",): 50,
        (): 79,
    }
    assert not any(row["suppressed"] for row in seen.values())
    assert 0 < seen["vigencia",]["low"] < seen["vigencia",]["value"] < seen["vigencia",]["high"] < 1


@pytest.mark.parametrize("role", [Role.OFFICER, Role.RECEPTIONIST, Role.SUPERVISOR])
async def test_other_staff_see_what_the_public_sees(scene: Scene, role: Role) -> None:
    other = await hire(scene.db, scene.client, role)
    path = "/api/v1/metrics/completion?group_by=service&since=2025-01-01&until=2025-12-31"
    seen = await scene.client.get(path, headers=other.headers)
    assert seen.json()["rows"] == (await scene.client.get(path)).json()["rows"]
    refused = await scene.client.get("/api/v1/metrics/refusal-reasons", headers=other.headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/wrong-role")


async def test_a_citizen_is_anyone_and_a_forged_token_is_no_one(scene: Scene) -> None:
    seen = await scene.client.get("/api/v1/metrics/completion", headers=Citizen(scene.client, ids.new_id()).headers)
    assert seen.status_code == 200
    assert seen.headers["cache-control"].startswith("public")
    forged = await scene.client.get("/api/v1/metrics/completion", headers={"Authorization": "Bearer forged"})
    assert forged.status_code == 401


async def test_a_filter_returns_what_the_same_group_returns(scene: Scene) -> None:
    """Else asking for one service at a time would tell what the table by service doesn't."""
    for service in ("nss-find", "vigencia", "weeks"):
        alone = (await scene.rows("completion", service=service))[()]
        reported = SEEN.get((service,))
        assert (alone["n"], alone["suppressed"]) == ((reported[0], False) if reported else (None, True)), service
    crossed = await scene.rows("completion", "channel", service="weeks")
    assert {keys: row["n"] for keys, row in crossed.items()} == {("desk",): 20, ("web",): 30, (): 50}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        pytest.param({"until": "2025-12-30"}, "until", id="days-differ-by-one"),
        pytest.param({"since": "2030-01-01", "until": "2030-12-31"}, "until", id="not-ended"),
        pytest.param({"group_by": "day"}, "group_by", id="days"),
        pytest.param({"group_by": ["service", "state", "channel"]}, "group_by", id="three-qualities"),
        pytest.param({"group_by": ["service", "state"], "channel": "web"}, "group_by", id="two-and-a-filter"),
        pytest.param({"group_by": ["age", "state"]}, "group_by", id="two-qualities"),
        pytest.param({"group_by": ["unit", "service"]}, "group_by", id="unit-of-transactions"),
    ],
)
async def test_what_only_analysts_may_ask(scene: Scene, params: dict[str, Any], field: str) -> None:
    answer = await scene.ask("completion", **params)
    assert answer.status_code == 422, answer.text
    assert answer.json()["fields"][0]["field"] == field
    for_analysts = await scene.ask("completion", whole=True, **params)
    assert for_analysts.status_code == 200 or "unit" in params.get("group_by", ())


async def test_anyone_may_ask_of_any_whole_months_and_several_values(scene: Scene) -> None:
    answer = await scene.ask(
        "completion", since="2025-02-01", until="2025-03-31", group_by=["month", "service", "channel"]
    )
    assert sum(row["n"] for row in answer.json()["rows"]) == 79
    both = await scene.rows("completion", service=["weeks", "vigencia"])
    assert both[()]["n"] == sum(n for (service,), (n, _partial) in _services(SEEN) if service in {"weeks", "vigencia"})


def _services(seen: dict[tuple[str, ...], tuple[int, bool]]) -> list[tuple[tuple[str, ...], tuple[int, bool]]]:
    return [(keys, reported) for keys, reported in seen.items() if keys]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service", "unicorns"),
        ("state", "ZZ"),
        ("region", "atlantis"),
        ("channel", "pigeon"),
        ("unit", "01900000-0000-7000-8000-000000000000"),
    ],
)
async def test_what_is_not_there_is_refused_by_its_name(scene: Scene, field: str, value: str) -> None:
    answer = await scene.ask("completion", whole=True, **{field: value})
    assert answer.status_code == 422
    said = answer.json()
    assert said["type"] == "/problems/filter-unknown"
    assert value in said["detail"]
    assert said["fields"][0]["field"] == field


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"group_by": "colour"}, "group_by"),
        ({"group_by": ["service", "service"]}, "group_by"),
        ({"group_by": ["month", "week"]}, "group_by"),
        ({"since": "2026-01-01"}, "until"),
        ({"since": "2000-01-01"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "0001-01-01"}, "since"),
        ({"segment_value": "phone"}, "segment"),
        ({"group_by": "age", "segment": "sex"}, "group_by"),
        ({"limit": 0}, "limit"),
        ({"cursor": "bm9uc2Vuc2U"}, "cursor"),
        ({"version": 0}, "version"),
        ({"format": "xml"}, "format"),
    ],
)
async def test_what_cannot_be_asked(scene: Scene, params: dict[str, Any], field: str) -> None:
    answer = await scene.ask("completion", whole=True, **params)
    assert answer.status_code == 422, answer.text
    assert answer.json()["fields"][0]["field"] == field


async def test_a_cursor_of_another_list_is_refused(scene: Scene) -> None:
    answer = await scene.ask("completion", whole=True, group_by="service", cursor="W1sxXV0")
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "cursor")


async def test_unknown_metric_version_and_prices(scene: Scene) -> None:
    assert (await scene.ask("happiness")).json()["type"] == "/problems/metric-unknown"
    assert (await scene.ask("savings", version=99)).json()["type"] == "/problems/baseline-unknown"
    assert (await scene.ask("savings", prices=1999)).json()["type"] == "/problems/price-index-unknown"
    dearer = await scene.ask("savings-money", prices=2026)
    cheaper = await scene.ask("savings-money", prices=2025)
    assert dearer.json()["total"]["value"] == pytest.approx(cheaper.json()["total"]["value"] * 145 / 140)
    assert dearer.json()["prices"] == 2026
    assert (await scene.ask("savings-money", version=dearer.json()["version"], prices=2026)).json() == dearer.json()


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("metric", ["savings", "completion", "take-up", "time-to-decide"])
async def test_csv_says_what_json_says(scene: Scene, metric: str, whole: bool) -> None:
    asked = {"group_by": ["month", "service"]}
    reported = (await scene.ask(metric, whole=whole, **asked)).json()
    sheet = await scene.ask(metric, whole=whole, format="csv", **asked)
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.headers["content-disposition"] == f'attachment; filename="{metric}-2025-01-01-2025-12-31.csv"'
    lines = list(csv.DictReader(io.StringIO(sheet.text)))
    assert len(lines) == len(reported["rows"]) > 1
    for line, row in zip(lines, reported["rows"], strict=True):
        assert (line["metric"], line["unit"]) == (metric, reported["unit"])
        assert {name: line[name] for name in asked["group_by"]} == row["keys"]
        for name in ("value", "low", "high", "n"):
            assert (float(line[name]) if line[name] else None) == row[name]
        assert [line[name] for name in ("suppressed", "partial")] == [
            str(row[name]).lower() for name in ("suppressed", "partial")
        ]


async def test_csv_by_what_is_accepted(scene: Scene) -> None:
    answer = await scene.client.get("/api/v1/metrics/completion", params=SPAN, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == 2


async def test_pages_together_are_the_whole_list(scene: Scene) -> None:
    whole = (await scene.ask("completion", whole=True, group_by=["service", "channel"])).json()["rows"]
    rows, path = (
        [],
        "/api/v1/metrics/completion?since=2025-01-01&until=2025-12-31&group_by=service&group_by=channel&limit=2",
    )
    while path:
        answer = await scene.client.get(path, headers=scene.analyst.headers)
        assert len(answer.json()["rows"]) <= 2
        rows += answer.json()["rows"]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert rows == whole
    assert len(rows) == 4


async def test_what_has_not_changed_is_not_sent_again(scene: Scene) -> None:
    first = await scene.ask("completion", group_by="service")
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await scene.client.get(
        first.request.url.raw_path.decode(), headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.text) == (304, "")
    whole = await scene.ask("completion", whole=True, group_by="service")
    assert whole.headers["cache-control"] == "private, no-cache"
    assert whole.headers["etag"] != first.headers["etag"]


async def test_the_catalogue_says_what_can_be_asked(scene: Scene) -> None:
    reported = (await scene.client.get("/api/v1/metrics")).json()
    assert [one["metric"] for one in reported] == list(METRICS)
    assert all(one["name"] and one["meaning"] and one["unit"] and one["groups"] for one in reported)


async def test_savings_with_what_makes_them_uncertain(scene: Scene) -> None:
    answer = await scene.client.get(SAVINGS, params=SPAN | {"group_by": "service"})
    reported = answer.json()
    assert reported["draws"] == 2_000
    total = reported["total"]
    assert 0 < total["hours"]["low"] < total["hours"]["value"] < total["hours"]["high"]
    metric = await scene.ask("savings-money", group_by="service")
    assert total["mxn"]["value"] == metric.json()["total"]["value"]
    assert "nss-find" not in {group["keys"]["service"] for group in reported["groups"]}
    assert "*" in {group["keys"]["service"] for group in reported["groups"]}
    swings = [abs(bar["at_high"] - bar["at_low"]) for bar in reported["bars"]]
    assert swings == sorted(swings, reverse=True)
    assert {"would_have_visited", "travel_minutes"} <= {bar["key"] for bar in reported["bars"]}
    assert reported["leaves_out"]


async def test_a_hidden_total_has_no_bars(scene: Scene) -> None:
    reported = (await scene.client.get(SAVINGS, params=SPAN | {"service": "nss-find"})).json()
    assert reported["total"]["suppressed"]
    assert reported["bars"] == []


def test_no_one_says_when() -> None:
    assert since_until(date(2026, 11, 26)) == (date(2026, 1, 1), date(2026, 10, 31))
    assert since_until(date(2026, 1, 5)) == (date(2025, 1, 1), date(2025, 12, 31))
