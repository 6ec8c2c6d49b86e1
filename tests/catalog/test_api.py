"""The services over HTTP: for anyone, in the language asked for."""

import httpx

from app.catalog.challenges import means_of
from app.catalog.loader import definition_of, load_services
from app.catalog.models import ServiceVersion
from app.kernel import clock
from tests.appointments import factories as places
from tests.conftest import Database

SPANISH = {"Accept-Language": "es-MX"}
ENGLISH = {"Accept-Language": "en-GB,es;q=0.5"}
FRENCH = {"Accept-Language": "fr"}


async def test_the_list_has_every_service_by_id_and_asks_for_no_token(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/services")
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()] == sorted(load_services())
    pension = next(one for one in answer.json() if one["id"] == "pension")
    assert (pension["kind"], pension["group"], pension["working_days"]) == ("reviewed", "money", 12)
    assert pension["on_behalf"] == ["self", "mandate"]


async def test_texts_are_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    weeks = load_services()["weeks"]
    for headers, language in ((SPANISH, "es"), (ENGLISH, "en"), (FRENCH, "es")):
        name = getattr(weeks.name, language)
        listed = (await client.get("/api/v1/services", headers=headers)).json()
        one = (await client.get("/api/v1/services/weeks", headers=headers)).json()
        assert next(found["name"] for found in listed if found["id"] == "weeks") == one["name"] == name
        assert [rule["text"] for rule in one["rules"]] == [getattr(weeks.eligibility[0].text, language)]


async def test_each_service_has_all_a_program_needs_to_ask_for_it(client: httpx.AsyncClient) -> None:
    for service in load_services().values():
        found = (await client.get(f"/api/v1/services/{service.id}", headers=ENGLISH)).json()
        assert (found["id"], found["version"]) == (service.id, service.version)
        assert found["form"] == service.form.json_schema
        assert [(rule["source"], rule["status"], rule["when"]) for rule in found["rules"]] == [
            (one.source, one.status, one.when) for one in service.eligibility
        ]
        assert [
            (document["kind"], document["name"], document["required"], document["when"])
            for document in found["documents"]
        ] == [(one.kind, one.name.en, one.required, one.when) for one in service.documents]
        assert [one["id"] for one in found["challenges"]] == [one.id for one in means_of(service)]
        assert found["appeal_days"] == (service.appeal.working_days if service.appeal else None)
        assert (found["certificate"], found["feedback"]) == (service.result.certificate, service.feedback.question.en)


async def test_a_service_there_is_not_is_a_problem(client: httpx.AsyncClient) -> None:
    for service_id in ("moon", "WEEKS", "weeks%20", "a" * 60):
        answer = await client.get(f"/api/v1/services/{service_id}", headers=ENGLISH)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert (answer.json()["type"], answer.json()["status"]) == ("/problems/not-found", 404)
        assert answer.json()["title"] != (await client.get("/api/v1/services/moon", headers=SPANISH)).json()["title"]


async def test_a_name_that_is_too_long_is_reported(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/api/v1/services/{'a' * 61}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_a_service_is_described_as_it_was_in_a_version(client: httpx.AsyncClient, db: Database) -> None:
    definition = definition_of(load_services()["complaint"])
    earlier = definition | {"version": 9_001, "name": {"es": "Quejas", "en": "Complaints"}}
    async with db.transaction() as session:
        session.add(
            ServiceVersion(service="complaint", version=9_001, digest="-", definition=earlier, published_at=clock.now())
        )
    for version, name in ((9_001, "Complaints"), (definition["version"], definition["name"]["en"])):
        found = await client.get(f"/api/v1/services/complaint/versions/{version}", headers=ENGLISH)
        assert (found.json()["version"], found.json()["name"]) == (version, name)
    for path in ("complaint/versions/9002", "moon/versions/1"):
        assert (await client.get(f"/api/v1/services/{path}")).status_code == 404


async def test_services_of_a_group_and_kind(client: httpx.AsyncClient) -> None:
    for query, wanted in ({"group": "voice"}, {"complaint"}), ({"kind": "instant"}, None), ({}, set(load_services())):
        found = {one["id"] for one in (await client.get("/api/v1/services", params=query)).json()}
        assert found == (wanted or {one.id for one in load_services().values() if one.kind == query["kind"]})
    assert (await client.get("/api/v1/services", params={"group": "moon"})).status_code == 422


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    """In either language, and not the one for the other."""
    for path in ("services", "services/weeks"):
        tags = {}
        for headers in (SPANISH, ENGLISH):
            answer = await client.get(f"/api/v1/{path}", headers=headers)
            tag = tags[headers["Accept-Language"]] = answer.headers["ETag"]
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            assert "Accept-Language" in answer.headers["Vary"]
            for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
                same = await client.get(f"/api/v1/{path}", headers=headers | {"If-None-Match": known})
                assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
                assert "Accept-Language" in same.headers["Vary"]
        assert len(set(tags.values())) == 2
        other = ENGLISH | {"If-None-Match": tags[SPANISH["Accept-Language"]]}
        assert (await client.get(f"/api/v1/{path}", headers=other)).status_code == 200


async def test_units_that_have_not_changed_are_not_sent_again(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        unit = await places.unit(session)
    for path in ("units", f"units/{unit.clues}"):
        answer = await client.get(f"/api/v1/{path}")
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        known = {"If-None-Match": answer.headers["ETag"]}
        assert (await client.get(f"/api/v1/{path}", headers=known)).status_code == 304
        async with db.transaction() as session:
            (await session.get_one(type(unit), unit.id)).phone = path
        assert (await client.get(f"/api/v1/{path}", headers=known)).status_code == 200
