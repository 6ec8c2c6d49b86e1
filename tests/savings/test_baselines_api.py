"""Analysts keep the figures over HTTP: a draft, changed on what was read of it, published for good; reports stay."""

import asyncio
import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from app.kernel import ids
from app.kernel.actor import Role
from app.savings.service import csv_io
from tests.conftest import Database
from tests.requests.actors import Officer, hire
from tests.savings import factories

BASE = "/api/v1/baselines"
FARE = {"distribution": "pert", "low": 10, "value": 20, "high": 40, "unit": "MXN", "price_year": 2025}
FARE |= {"source": "fares of the city", "confidence": "official"}
YEAR_BEFORE = -365 * 24 * 60
REPORT = {"title": "Ahorro de 2025", "since": "2025-01-01", "until": "2025-12-31", "group_by": ["service"]}


@dataclass
class Desk:
    """An analyst with the figures before them."""

    db: Database
    client: httpx.AsyncClient
    analyst: Officer

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(f"{BASE}{path}", params=params, headers=self.analyst.headers)

    async def post(self, path: str, body: Any = None, *, match: str = "*", key: str = "") -> httpx.Response:
        headers = self.analyst.headers | {"Idempotency-Key": key or str(ids.new_id()), "If-Match": match}
        return await self.client.post(f"{BASE}{path}", json=body, headers=headers)

    async def send(self, method: str, path: str, match: str | None = "*", **more: Any) -> httpx.Response:
        headers = self.analyst.headers | ({"If-Match": match} if match else {}) | more.pop("headers", {})
        return await self.client.request(method, f"{BASE}{path}", headers=headers, **more)

    async def draft(self) -> tuple[str, str]:
        """A draft begun: its address and its ETag."""
        made = await self.post("", {"note": "new fares"})
        assert made.status_code == 201, made.text
        return made.headers["location"].removeprefix(BASE), made.headers["etag"]

    async def publish_report(self, **more: Any) -> httpx.Response:
        headers = self.analyst.headers | {"Idempotency-Key": str(ids.new_id())}
        return await self.client.post("/api/v1/savings/reports", json=REPORT | more, headers=headers)


@pytest.fixture
async def desk(db: Database, client: httpx.AsyncClient) -> Desk:
    async with db.transaction() as session:
        await factories.baseline(session, factories.parameters(spread=0.2))
    return Desk(db, client, await hire(db, client, Role.ANALYST))


def fields(answer: httpx.Response) -> list[str]:
    return [field["field"] for field in answer.json()["fields"]]


async def test_a_draft_is_changed_published_and_then_never_again(desk: Desk) -> None:
    path, tag = await desk.draft()
    put = await desk.send("PUT", f"{path}/parameters/fare?scope=weeks&place=DF", tag, json=FARE)
    assert (put.status_code, put.json()["scope"], put.json()["high"]) == (200, "weeks", 40)
    read = await desk.get(path)
    assert read.headers["etag"] == put.headers["etag"] != tag
    dropped = await desk.send("DELETE", f"{path}/parameters/copies", put.headers["etag"])
    assert dropped.status_code == 204
    published = await desk.post(f"{path}/publish", match=dropped.headers["etag"])
    assert published.json()["published_by"] == str(desk.analyst.staff_id)
    for again in (
        await desk.send("PUT", f"{path}/parameters/fare", json=FARE),
        await desk.send("DELETE", f"{path}/parameters/fare"),
        await desk.send("PUT", f"{path}/parameters", content=csv_io.to_csv(factories.parameters())),
        await desk.post(f"{path}/publish"),
    ):
        assert (again.status_code, again.json()["type"]) == (409, "/problems/baseline-immutable")
    versions = [row["version"] for row in (await desk.get("")).json()]
    assert versions == sorted(versions, reverse=True)
    changes = (await desk.get(f"{path}/changes")).json()
    assert [change["parameter"] for change in changes] == ["", "copies||", "fare|weeks|DF"]
    assert [change["what"] for change in changes] == ["published", "changed", "changed"]
    assert changes[2]["before"] == ""
    assert changes[2]["after"].startswith("pert 10.0/20.0/40.0 MXN 2025")


async def test_no_one_overwrites_what_they_have_not_seen(desk: Desk) -> None:
    path, tag = await desk.draft()
    assert (await desk.send("PUT", f"{path}/parameters/fare", tag, json=FARE)).status_code == 200
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "/parameters/fare", {"json": FARE}),
        ("DELETE", "/parameters/fare", {}),
        ("PUT", "/parameters", {"content": csv_io.to_csv(factories.parameters())}),
    ]
    for method, where, more in calls:
        assert (await desk.send(method, path + where, tag, **more)).status_code == 412
        assert (await desk.send(method, path + where, None, **more)).status_code == 428
    assert (await desk.post(f"{path}/publish", match=tag)).status_code == 412


async def test_a_draft_is_discarded_and_the_next_takes_its_number(desk: Desk) -> None:
    path, tag = await desk.draft()
    changed = await desk.send("PUT", f"{path}/parameters/fare", tag, json=FARE)
    assert (await desk.send("DELETE", path, tag)).status_code == 412
    assert (await desk.send("DELETE", path, None)).status_code == 428
    assert (await desk.send("DELETE", path, changed.headers["etag"])).status_code == 204
    for removed in (await desk.get(path), await desk.send("DELETE", path)):
        assert (removed.status_code, removed.json()["type"]) == (404, "/problems/baseline-unknown")
    assert await desk.draft() == (path, tag), "as the first began"
    reported = [change["what"] for change in (await desk.get(f"{path}/changes")).json()]
    assert reported == ["discarded", "changed"]
    assert (await desk.post(f"{path}/publish")).status_code == 200
    encrypted = await desk.send("DELETE", path)
    assert (encrypted.status_code, encrypted.json()["type"]) == (409, "/problems/baseline-immutable")


async def test_one_draft_at_a_time_and_one_answer_to_a_key(desk: Desk) -> None:
    key = str(ids.new_id())
    first, again = (
        await desk.post("", {"note": "new fares"}, key=key),
        await desk.post("", {"note": "new fares"}, key=key),
    )
    assert (first.content, again.headers["idempotency-replayed"]) == (again.content, "true")
    assert (await desk.post("", {"note": "another"})).json()["type"] == "/problems/draft-exists"


async def test_drafts_begun_at_once_are_one_draft(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post("", {"note": f"draft {number}"}) for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {"/problems/draft-exists"}


UNUSABLE: list[tuple[str, dict[str, Any], str]] = [
    ("nonsense", {}, "1.key"),
    ("fare", {"unit": "min", "price_year": None}, "1.unit"),
    ("fare", {"price_year": None}, "1.price_year"),
    ("fare", {"low": 30}, "1.value"),
    ("fare", {"value": 1e300}, "value"),
    ("fare", {"source": "x"}, "source"),
    ("fare", {"distribution": "cauchy"}, "distribution"),
    ("fare", {"price_year": 99_999}, "price_year"),
]


async def test_a_figure_that_cannot_be_used_is_refused(desk: Desk) -> None:
    path, tag = await desk.draft()
    for key, change, field in UNUSABLE:
        answer = await desk.send("PUT", f"{path}/parameters/{key}", json=FARE | change)
        assert (answer.status_code, fields(answer)) == (422, [field]), change
    assert (await desk.get(path)).headers["etag"] == tag


async def test_figures_go_through_a_spreadsheet_and_back(desk: Desk) -> None:
    path, _tag = await desk.draft()
    await desk.send("PUT", f"{path}/parameters/fare", json=FARE | {"source": "=HYPERLINK(1) they say"})
    sheet = await desk.get(f"{path}/parameters", format="csv")
    assert sheet.headers["content-disposition"].startswith("attachment")
    lines = list(csv.DictReader(io.StringIO(sheet.text)))
    assert "'=HYPERLINK(1) they say" in [line["source"] for line in lines]
    imported = await desk.send("PUT", f"{path}/parameters", sheet.headers["etag"], content=sheet.content)
    assert imported.json() == {"parameters": len(lines)}
    assert imported.headers["etag"] == sheet.headers["etag"], "the same figures"


async def test_an_import_says_what_is_wrong_by_line_and_changes_nothing(desk: Desk) -> None:
    path, tag = await desk.draft()
    lines = csv_io.to_csv(factories.parameters()).splitlines()
    wrong = "\n".join([*lines[:3], lines[3].replace("fixed", "cauchy"), *lines[4:], lines[2]])
    answer = await desk.send("PUT", f"{path}/parameters", content=wrong)
    assert (answer.status_code, fields(answer)) == (422, ["4.distribution"])
    for value in ("nan", "inf", "1e400"):
        bad = "\n".join([lines[0], lines[1].replace("0.5", value)])
        assert (await desk.send("PUT", f"{path}/parameters", content=bad)).status_code == 422
    twice = await desk.send("PUT", f"{path}/parameters", content="\n".join([*lines, lines[2]]))
    assert fields(twice) == [f"{len(lines)}.key"]
    assert fields(await desk.send("PUT", f"{path}/parameters", content="a,b\n1,2")) == ["1"]
    assert fields(await desk.send("PUT", f"{path}/parameters", content=b"\xff\xfe")) == ["1"]
    assert (await desk.get(path)).headers["etag"] == tag


async def test_figures_are_paged(desk: Desk) -> None:
    path, _tag = await desk.draft()
    whole = (await desk.get(f"{path}/parameters", limit=100)).json()
    rows: list[Any] = []
    following = f"{BASE}{path}/parameters?limit=9"
    while following:
        answer = await desk.client.get(following, headers=desk.analyst.headers)
        rows += answer.json()
        following = answer.links["next"]["url"] if "next" in answer.links else ""
    assert rows == whole
    assert len(rows) > 20


async def test_measured_figures_take_the_place_of_assumed_ones(desk: Desk) -> None:
    async with desk.db.transaction() as session:
        steps = [
            step for n in range(40) for step in factories.request(ids.new_id(), minutes=n, seconds=60 + n % 5 * 10)
        ]
        await factories.happen(session, *steps)
    done = await desk.post("/measure", {"since": "2026-03-01", "until": "2026-03-31"})
    assert (done.status_code, done.json()["parameters"]) == (200, 1)
    rows = (await desk.get(f"/{done.json()['version']}/parameters", limit=100)).json()
    measured = [row for row in rows if row["confidence"] == "measured"]
    assert [(row["key"], row["scope"], row["sample"]) for row in measured] == [("online_minutes", "weeks", 40)]
    assert measured[0]["value"] == pytest.approx(80 / 60, rel=0.05)
    backwards = await desk.post("/measure", {"since": "2026-03-31", "until": "2026-03-01"})
    assert fields(backwards) == ["until"]


async def test_only_analysts_keep_the_figures(desk: Desk) -> None:
    path, _tag = await desk.draft()
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", BASE, {}),
        ("POST", BASE, {"json": {"note": "mine"}}),
        ("GET", BASE + path, {}),
        ("GET", f"{BASE}{path}/parameters", {}),
        ("GET", f"{BASE}{path}/changes", {}),
        ("PUT", f"{BASE}{path}/parameters", {"content": "key"}),
        ("PUT", f"{BASE}{path}/parameters/fare", {"json": FARE}),
        ("DELETE", f"{BASE}{path}/parameters/fare", {}),
        ("POST", f"{BASE}{path}/publish", {}),
        ("POST", f"{BASE}/measure", {"json": {"since": "2026-03-01", "until": "2026-03-31"}}),
        ("POST", "/api/v1/savings/reports", {"json": REPORT}),
    ]
    for role in (Role.OFFICER, Role.RECEPTIONIST, Role.SUPERVISOR, None):
        headers = (await hire(desk.db, desk.client, role)).headers if role else {}
        headers |= {"Idempotency-Key": str(ids.new_id()), "If-Match": "*"}
        for method, where, more in calls:
            answer = await desk.client.request(method, where, headers=headers, **more)
            assert answer.status_code == (403 if role else 401), (role, method, where)


async def test_administrators_may_what_analysts_may(desk: Desk) -> None:
    admin = await hire(desk.db, desk.client, Role.ADMIN)
    assert (await desk.client.get(BASE, headers=admin.headers)).status_code == 200
    assert (await desk.client.get("/api/v1/metrics/refusal-reasons", headers=admin.headers)).status_code == 200


async def test_unknown_versions_and_figures(desk: Desk) -> None:
    for path in ("/9999", "/9999/parameters", "/9999/changes"):
        assert (await desk.get(path)).json()["type"] == "/problems/baseline-unknown"
    path, _tag = await desk.draft()
    assert (await desk.send("DELETE", f"{path}/parameters/fare?scope=unicorns")).status_code == 404


async def test_a_published_report_stays_as_it_was(desk: Desk) -> None:
    async with desk.db.transaction() as session:
        await factories.happen(
            session, *(s for _n in range(12) for s in factories.request(ids.new_id(), minutes=YEAR_BEFORE))
        )
        await factories.release(session, date(2025, 4, 20))
    published = await desk.publish_report()
    assert published.status_code == 201, published.text
    where = published.headers["location"]
    first = (await desk.client.get(where)).json()
    assert first == published.json()
    assert first["result"]["total"]["n"] == 12
    async with desk.db.transaction() as session:
        later = YEAR_BEFORE + 60 * 24 * 40
        await factories.happen(
            session, *(s for _n in range(30) for s in factories.request(ids.new_id(), minutes=later))
        )
        await factories.release(session)
        version = await factories.baseline(
            session, [factories.parameter(f.key, f.value * 3, scope=f.scope) for f in factories.parameters()]
        )
    assert (await desk.client.get(where)).json() == first
    later = (await desk.publish_report()).json()
    assert (later["version"], later["result"]["total"]["n"]) == (version, 42)
    assert later["result"]["total"]["hours"] != first["result"]["total"]["hours"]
    named = (await desk.publish_report(version=first["version"])).json()
    assert named["version"] == first["version"]
    listed = (await desk.client.get("/api/v1/savings/reports")).json()
    assert [report["id"] for report in listed] == [named["id"], later["id"], first["id"]]


async def test_a_report_has_no_groups_of_few(desk: Desk) -> None:
    async with desk.db.transaction() as session:
        few = [s for _n in range(3) for s in factories.request(ids.new_id(), service="nss-find", minutes=YEAR_BEFORE)]
        many = [s for _n in range(12) for s in factories.request(ids.new_id(), minutes=YEAR_BEFORE)]
        await factories.happen(session, *few, *many)
        await factories.release(session)
    report = (await desk.publish_report()).json()
    assert [(group["keys"]["service"], group["n"]) for group in report["result"]["groups"]] == [("*", 15)]
    assert (await desk.publish_report(since="2025-02-02")).status_code == 422
    assert (await desk.publish_report(service="unicorns")).json()["type"] == "/problems/filter-unknown"
    assert (await desk.client.get(f"/api/v1/savings/reports/{ids.new_id()}")).json()[
        "type"
    ] == "/problems/report-unknown"
