"""What a citizen at the low level has of documents: the refusal of what they filed as who they say they are."""

import httpx

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance, Role
from tests.conftest import Database
from tests.identity.factories import THIEF, ask_for_a_number, open_account, slug
from tests.identity.sign_in import bearer, create_person
from tests.requests.actors import hire


async def test_who_declared_who_they_are_gets_the_refusal_of_what_they_filed(
    client: httpx.AsyncClient, db: Database
) -> None:
    """At the level at which it was filed: the document has no datum that they didn't type."""
    tokens = await open_account(client, db, first_surname="Núñez")
    folio = (await ask_for_a_number(client, tokens))["folio"]
    path = f"/api/v1/requests/{folio}/certificate"
    early = await client.get(path, headers=bearer(tokens["access_token"]))
    assert (early.status_code, slug(early)) == (403, "assurance-required"), "nothing is refused yet"
    officer = await hire(db, client, Role.OFFICER)
    await officer.claim(folio)
    refused = await officer.decide(folio, "refuse", "identity-not-proved")
    assert refused.json()["outcome"] == "refused", refused.text
    got = await client.get(path, headers=bearer(tokens["access_token"]))
    assert (got.status_code, got.headers["content-type"]) == (200, "application/pdf")
    seen = (await client.get(f"/api/v1/requests/{folio}", headers=bearer(tokens["access_token"]))).json()
    assert seen["refusal"]["document"]
    another = await open_account(client, db, THIEF, curp="NUPB900517MDFXXN02", given_names="Beatriz")
    assert (await client.get(path, headers=bearer(another["access_token"]))).status_code == 404


async def test_who_only_has_the_data_of_a_person_of_the_registry_gets_no_document(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db)
    low = bearer(issue_access_token(CITIZEN, ana.id, assurance=Assurance.LOW)[0])
    body = {"service": "complaint", "answers": {"about": "complaint", "story": "Esperé tres horas."}}
    keyed = low | {"Idempotency-Key": "complain-of-it", "If-Match": "*"}
    folio = (await client.post("/api/v1/requests", json=body, headers=keyed)).json()["folio"]
    keyed["Idempotency-Key"] = "submit-of-it"
    assert (await client.post(f"/api/v1/requests/{folio}/submit", headers=keyed)).status_code == 200
    officer = await hire(db, client, Role.OFFICER)
    await officer.claim(folio)
    assert (await officer.decide(folio, "refuse", "not-ours", message="No es de aquí.")).status_code == 200
    seen = (await client.get(f"/api/v1/requests/{folio}", headers=low)).json()
    assert (seen["outcome"], seen["refusal"]["document"]) == ("refused", False)
    removed = await client.get(f"/api/v1/requests/{folio}/certificate", headers=low)
    assert (removed.status_code, slug(removed)) == (403, "assurance-required")
