"""Reads and searches: places and times for anyone, people and appointments for who they are of."""

import json
from datetime import timedelta
from typing import Any

from app.clients.rules import ApiScope
from app.interop.fhir import systems
from app.kernel.actor import Assurance
from app.kernel.problems import all_problems
from app.main import create_app
from tests.appointments import factories
from tests.clients import factories as clients
from tests.interop.fhir.conftest import BASE, Scene, matches, outcome


async def found(scene: Scene, path: str) -> list[dict[str, Any]]:
    """What anyone finds."""
    return matches(await scene.client.get(f"{BASE}/{path}"))


async def test_anyone_reads_places_and_times(scene: Scene) -> None:
    unit = scene.unit
    (location,) = await found(scene, f"Location?identifier={systems.CLUES}|{unit.clues}")
    assert (location["id"], location["status"], location["name"]) == (str(unit.id), "active", unit.name)
    assert location["address"]["_state"]["extension"][0]["valueCoding"]["code"] == "09"
    (service,) = await found(scene, f"HealthcareService?location=Location/{unit.id}")
    (schedule,) = await found(scene, f"Schedule?actor=Location/{unit.id}&service-type=124")
    assert schedule["actor"][1]["reference"] == f"HealthcareService/{service['id']}"
    slots = await found(scene, f"Slot?schedule=Schedule/{schedule['id']}&status=free")
    assert [one["id"] for one in slots] == [scene.slot(number) for number in range(4)]
    for one in (location, service, schedule, slots[0]):
        read = await scene.client.get(f"{BASE}/{one['resourceType']}/{one['id']}")
        assert read.json() == one
    link = slots[0]["extension"][0]["valueUrl"]
    assert link.endswith(f"/citas/horario/{slots[0]['id']}")


async def test_times_that_can_not_be_had_are_not_found_and_read_as_busy(scene: Scene) -> None:
    await scene.booked(0, scene.other)
    await scene.operate("hold", scene.proposal(1))
    at = f"Slot?schedule.actor=Location/{scene.unit.id}"
    assert [one["id"] for one in await found(scene, at)] == [scene.slot(2), scene.slot(3)]
    assert await found(scene, f"{at}&status=busy") == []
    for number in (0, 1):
        read = (await scene.client.get(f"{BASE}/Slot/{scene.slot(number)}")).text
        assert json.loads(read)["status"] == "busy"
        assert str(scene.other.id) not in read
        assert str(scene.ana.id) not in read


async def test_pages_and_dates_by_the_clock_of_the_unit(scene: Scene) -> None:
    day = f"{scene.times[0] - timedelta(hours=6):%Y-%m-%d}"  # the unit is six hours behind
    at = f"Slot?schedule.actor=Location/{scene.unit.id}"
    assert len(await found(scene, f"{at}&start={day}")) == 4
    assert len(await found(scene, f"{at}&start=ne{day}")) == 0
    assert len(await found(scene, f"{at}&start=ge{day}T09:15:00-06:00&start=lt{day}T09:45")) == 2
    first = await scene.client.get(f"{BASE}/{at}&start={day}&_count=3&_total=accurate")
    assert (len(matches(first)), first.json()["total"]) == (3, 4)
    links = {one["relation"]: one["url"] for one in first.json()["link"]}
    second = await scene.client.get(links["next"])
    assert [one["id"] for one in matches(second)] == [scene.slot(3)]
    assert [one["relation"] for one in second.json()["link"]] == ["self"]


async def test_places_are_paged_counted_and_filtered(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        others = [await factories.unit(session, name=f"UMF {n} Peña Alta") for n in (7, 8)]
    clues = [scene.unit.clues, *(one.clues for one in others)]
    first = await scene.client.get(f"{BASE}/Location?_count=2")
    following = {one["relation"]: one["url"] for one in first.json()["link"]}["next"]
    second = await scene.client.get(following)
    shown = [one["identifier"][0]["value"] for one in (*matches(first), *matches(second))]
    assert shown == sorted(clues)
    for query, count in (("name=pena", 2), ("address-city=cuauh", 3), ("address-state=09", 3), ("name:exact=pena", 0)):
        assert len(await found(scene, f"Location?{query}")) == count, query
        counted = await scene.client.get(f"{BASE}/Location?{query}&_summary=count")
        assert (counted.json()["total"], "entry" in counted.json()) == (count, False), query
    assert (await scene.client.get(f"{BASE}/Schedule?_count=0")).json()["total"] == 1


async def test_what_is_not_known_is_ignored_or_refused(scene: Scene) -> None:
    at = f"{BASE}/Slot?schedule.actor=Location/{scene.unit.id}&colour=blue"
    lenient = await scene.client.get(at)
    assert "colour" not in lenient.json()["link"][0]["url"]
    assert lenient.json()["entry"][-1]["resource"]["issue"][0]["diagnostics"].endswith("colour.")
    assert outcome(await scene.client.get(at, headers={"Prefer": "handling=strict"}))[:2] == (400, "not-supported")
    assert outcome(await scene.client.get(f"{BASE}/Location?name:sounds=x"))[:2] == (400, "not-supported")
    assert outcome(await scene.client.get(f"{BASE}/Slot"))[:2] == (400, "too-costly")
    assert outcome(await scene.client.get(f"{BASE}/Slot?schedule.actor=Location/x&start=soon"))[:2] == (422, "invalid")


async def test_inclusion_follows_references_once(scene: Scene) -> None:
    await scene.booked()
    path = "Appointment?_include=Appointment:patient&_include=Appointment:slot&_include=Appointment:location"
    answer = await scene.get(path)
    kinds = [one["resource"]["resourceType"] for one in answer.json()["entry"] if one["search"]["mode"] == "include"]
    assert sorted(kinds) == ["Location", "Patient", "Slot"]


async def test_a_person_reads_themselves_and_who_depends_on_them(scene: Scene) -> None:
    answer = await scene.get("Patient")
    assert [one["id"] for one in matches(answer)] == [str(scene.ana.id), str(scene.child.id)]
    me = matches(await scene.get(f"Patient?identifier={systems.CURP}|{scene.ana.curp}"))[0]
    assert {one["system"]: one["value"] for one in me["identifier"]} == {
        systems.CURP: scene.ana.curp,
        systems.NSS: scene.ana.nss,
    }
    assert matches(await scene.get("Patient?birthdate=gt2010"))[0]["id"] == str(scene.child.id)
    assert outcome(await scene.get(f"Patient/{scene.ana.id}", scene.other))[:2] == (404, "not-found")
    assert outcome(await scene.client.get(f"{BASE}/Patient"))[:2] == (401, "login")


async def test_at_the_low_level_nothing_of_the_registry_is_shown(scene: Scene) -> None:
    low = await scene.client.get(f"{BASE}/Patient", headers=scene.headers(level=Assurance.LOW))
    (me,) = matches(low)
    assert set(me) == {"resourceType", "id", "active", "managingOrganization"}


async def test_appointments_of_the_family_by_date_status_and_person(scene: Scene) -> None:
    mine, theirs = await scene.booked(0), await scene.booked(1, scene.child)
    assert [one["id"] for one in matches(await scene.get("Appointment"))] == [theirs["id"], mine["id"]]
    assert [one["id"] for one in matches(await scene.get("Appointment?_sort=date&_count=1"))] == [mine["id"]]
    by_person = await scene.get(f"Appointment?patient=Patient/{scene.child.id}&status=booked,fulfilled")
    assert [one["id"] for one in matches(by_person)] == [theirs["id"]]
    by_curp = await scene.get(f"Appointment?patient.identifier={systems.CURP}|{scene.ana.curp}")
    assert [one["id"] for one in matches(by_curp)] == [mine["id"]]
    assert matches(await scene.get("Appointment?date=lt2020")) == []
    form = {"status": "booked", "_count": "1"}
    posted = await scene.client.post(f"{BASE}/Appointment/_search", data=form, headers=scene.headers())
    assert (len(matches(posted)), posted.json()["total"]) == (1, 2)


async def test_a_client_reads_a_day_of_its_unit_without_whose_it_is(scene: Scene) -> None:
    booked = await scene.booked()
    day = f"{scene.times[0] - timedelta(hours=6):%Y-%m-%d}"
    path = f"{BASE}/Appointment?location=Location/{scene.unit.id}&date={day}"
    read, people = ApiScope.APPOINTMENTS, ApiScope.APPOINTMENT_PEOPLE
    for scopes, is_shown in (([read], False), ([read, people], True)):
        made = await clients.program(scene.client, *scopes, units=frozenset({scene.unit.id}))
        answer = await scene.client.get(path, headers=await made.bearer())
        (one,) = matches(answer)
        assert (one["id"], str(scene.ana.id) in answer.text) == (booked["id"], is_shown)
        for too_much in (f"{BASE}/Appointment", path[:-3], path[:-6]):  # of any day, of a month, of a year
            broad = await scene.client.get(too_much, headers=await made.bearer())
            assert outcome(broad)[:2] == (400, "too-costly"), too_much


async def test_formats_other_than_json_are_refused(scene: Scene) -> None:
    for path, headers in (("metadata?_format=xml", {}), ("metadata", {"Accept": "application/fhir+xml"})):
        assert outcome(await scene.client.get(f"{BASE}/{path}", headers=headers))[:2] == (406, "not-supported")
    spoken = await scene.client.get(f"{BASE}/Location/none", headers={"Accept-Language": "en"})
    assert spoken.json()["issue"][0]["details"]["text"] == "We can't find that"


def test_the_statement_is_true_of_the_routes() -> None:
    """Each interaction that the statement names has its route, and each route is in the statement."""
    from app.interop.fhir.capabilities import capability_statement

    routes = set()
    for route in create_app().routes:
        path, methods = getattr(route, "path", ""), getattr(route, "methods", None) or set()
        if path.startswith(f"{BASE}/"):
            routes |= {(method, path.removeprefix(f"{BASE}/")) for method in methods - {"HEAD"}}
    stated = {("GET", "metadata"), ("GET", "$bulk-publish")}
    rest = capability_statement()["rest"][0]
    by_interaction = {
        "read": [("GET", "{}/{{id_}}")],
        "search-type": [("GET", "{}"), ("POST", "{}/_search")],
        "create": [("POST", "{}")],
        "update": [("PUT", "{}/{{id_}}")],
        "patch": [("PATCH", "{}/{{id_}}")],
    }
    for one in rest["resource"]:
        for interaction in one["interaction"]:
            stated |= {(method, path.format(one["type"])) for method, path in by_interaction[interaction["code"]]}
        for operation in one.get("operation", []):
            stated.add(("POST", f"{one['type']}/${operation['name']}"))
    files = {(method, path) for method, path in routes if path.startswith("bulk/")}
    assert routes - files == stated | {("GET", "Appointment/$find")}
    assert len(files) == 3


def test_every_problem_has_a_code_of_the_list() -> None:
    from app.interop.fhir.outcomes import BY_SLUG, BY_STATUS

    assert {one.status for one in all_problems() if one.status >= 400} <= set(BY_STATUS)
    assert set(BY_SLUG) <= {one.slug for one in all_problems()}
