"""An officer's word on a document: by who holds the request, with a reason, in the words the citizen reads."""

import pytest
from sqlalchemy import update

from app.registry.models import Person
from tests.requests import actors
from tests.requests.conftest import Scene
from tests.requests.factories import correction, slug


async def test_a_document_is_reviewed_by_who_holds_the_request(scene: Scene) -> None:
    folio = await correction(scene)
    first, second = (await scene.citizen.get(folio))["documents"]
    where = f"{folio}/documents/{first['id']}"
    assert slug(await scene.officer.post(where, {"accept": True})) == (409, "claim-not-held")
    await scene.officer.claim(folio)
    for reason in (None, "", "   "):
        assert slug(await scene.officer.post(where, {"accept": False, "reason": reason})) == (422, "invalid")
    assert (await scene.officer.post(where, {"accept": False, "reason": "Está borrosa."})).status_code == 200
    accepted = await scene.officer.post(f"{folio}/documents/{second['id']}", {"accept": True, "reason": "Bien."})
    assert accepted.json()["state"] == "accepted"
    seen = [(one["state"], one["reason"]) for one in (await scene.citizen.get(folio))["documents"]]
    assert seen == [("rejected", "Está borrosa."), ("accepted", None)]
    other = await correction(scene, **actors.sex())
    await scene.officer.claim(other)
    assert (await scene.officer.post(f"{other}/documents/{first['id']}", {"accept": True})).status_code == 404


@pytest.mark.parametrize(
    ("language", "read"),
    [
        ("es", "Le falta una parte: deben verse las cuatro esquinas y todas las páginas. La de abajo."),
        ("en", "A part is missing: the four corners and every page must show. La de abajo."),
    ],
)
async def test_a_reason_of_the_list_is_read_in_the_citizens_language(scene: Scene, language: str, read: str) -> None:
    folio = await correction(scene)
    async with scene.db.transaction() as session:
        await session.execute(update(Person).where(Person.id == scene.ana.id).values(language=language))
    await scene.officer.claim(folio)
    first, second = (await scene.citizen.get(folio))["documents"]
    where, other = (f"{folio}/documents/{one['id']}" for one in (first, second))
    unknown = await scene.officer.post(where, {"accept": False, "because": "ugly"})
    assert (slug(unknown), unknown.json()["fields"][0]["field"]) == ((422, "invalid"), "because")
    said = {"accept": False, "because": "cut", "reason": " La de abajo. "}
    assert (await scene.officer.post(where, said)).json()["reason"] == read
    assert (await scene.officer.post(other, {"accept": False, "because": "expired"})).status_code == 200
    seen = (await scene.citizen.get(folio))["documents"]
    assert [one["state"] for one in seen] == ["rejected", "rejected"]
    assert seen[0]["reason"] == read
