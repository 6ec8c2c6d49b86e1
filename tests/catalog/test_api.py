"""The services over HTTP: for anyone, in the language asked for."""

import httpx

from app.catalog.challenges import means_of
from app.catalog.loader import load_services

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
