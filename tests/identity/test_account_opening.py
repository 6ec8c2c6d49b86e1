"""Opening an account without a number: what can't be a postal code, and asking again before a code is proved."""

import httpx
import pytest

from app.identity.service.mandates import grant_mandate
from app.kernel import clock
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.factories import CURP, ask_to_open, open_account, registered, rows, slug
from tests.identity.sign_in import NSS


@pytest.mark.parametrize("more", [{}, {"nss": NSS}])
async def test_what_is_no_postal_code_is_refused_at_its_field(
    client: httpx.AsyncClient, db: Database, more: dict[str, str]
) -> None:
    await registered(db)
    refused = await ask_to_open(client, postal_code="99999", **more)
    assert (refused.status_code, slug(refused)) == (422, "invalid")
    assert [one["field"] for one in refused.json()["fields"]] == ["postal_code"]


async def test_who_asks_again_before_a_code_is_proved_is_declared_still(
    client: httpx.AsyncClient, db: Database
) -> None:
    """The second time isn't the entrance of a person of the registry: nothing of the registry's hangs from it."""
    async with db.transaction() as session:
        luz = await factories.person(session, None)
        today = clock.today("America/Mexico_City")
        await grant_mandate(
            session, factories.citizen(luz), delegate_curp=CURP, services=["complaint"], starts_on=today, ends_on=today
        )
    assert (await ask_to_open(client)).status_code == 202
    await open_account(client, db)
    assert await rows(db, "SELECT DISTINCT purpose FROM sign_in_code") == [("open",)]
    assert await rows(db, "SELECT delegate_id FROM mandate") == [(None,)]
