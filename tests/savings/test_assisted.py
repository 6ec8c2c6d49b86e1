"""What staff do for a person saves nothing online, whatever the person began or finished themselves; it is counted, on
the channels of staff. Through the use cases, the event log and the roll-up."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.consumer_runner import catch_up
from app.savings import jobs
from app.savings.service import rollup
from tests.conftest import Database
from tests.requests.actors import Citizen
from tests.web.assisted import Helping, helping
from tests.web.browser import signed_in_browser


@pytest.fixture
async def here(app: FastAPI, db: Database, client: httpx.AsyncClient) -> Helping:
    return await helping(app, db, client)


async def sums(db: Database, *, service: str = "", channel: str = "") -> dict[str, int]:
    """Sums of the month's cells of regions after all that waits was rolled up."""
    assert jobs.roll_up is not None
    await catch_up(rollup.NAME)
    await kernel_db.database().close()  # a connection still has the lock of the consumer
    names = ("started", "completed", "counted", "online", "observed", "seconds")
    columns = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in names)
    statement = text(
        f"SELECT {columns} FROM saving_cell WHERE period_type = 'M' AND geography = 'R' AND segment = ''"
        " AND (:service = '' OR service = :service) AND (:channel = '' OR channel = :channel)"
    )
    async with db.transaction() as session:
        row = (await session.execute(statement, {"service": service, "channel": channel})).one()
    return {name: int(getattr(row, name)) for name in names}


ASSISTED_ONCE = {"started": 1, "completed": 1, "counted": 0, "online": 0, "observed": 0, "seconds": 0}
NOTHING = dict.fromkeys(ASSISTED_ONCE, 0)


async def test_an_assisted_booking_saves_nothing_and_is_counted_apart(here: Helping) -> None:
    await here.by_questions()
    await here.book()
    assert await sums(here.db, service="family-medicine", channel="phone") == ASSISTED_ONCE
    for channel in ("web", "api", "desk"):
        assert await sums(here.db, channel=channel) == NOTHING


async def test_the_same_booking_by_the_person_saves(here: Helping, app: FastAPI) -> None:
    """Without this, the test above would hold of a roll-up that counts nothing."""
    hers = await signed_in_browser(app, here.db, person_id=here.ana.id)
    await Helping(here.db, here.clinic, hers, here.staff_id, is_person=True).book()
    assert (await sums(here.db, service="family-medicine", channel="web"))["counted"] == 1


async def test_moving_and_cancelling_for_a_person_save_nothing(here: Helping, app: FastAPI) -> None:
    """Of an appointment that the person booked online, which goes on saving by itself."""
    hers = await signed_in_browser(app, here.db, person_id=here.ana.id)
    folio = await Helping(here.db, here.clinic, hers, here.staff_id, is_person=True).book()
    await here.by_questions()
    await here.tab.get(f"{here.home}/citas/{folio}")
    await here.tab.send(f"{here.home}/citas/{folio}/mover")
    await here.choose(1)
    await here.send("/citas/revisar")
    await here.send(f"/citas/{folio}/cancelar", reason="other")
    for change in ("appointment-move", "appointment-cancel"):
        assert await sums(here.db, service=change, channel="phone") == ASSISTED_ONCE
        assert await sums(here.db, service=change, channel="web") == NOTHING
    assert (await sums(here.db, channel="web"))["counted"] == 1


async def test_an_assisted_request_saves_nothing_and_is_counted_apart(here: Helping) -> None:
    await here.by_document()
    await here.tab.get(f"{here.home}/tramites/vigencia/quien")
    done = await here.tab.send(f"{here.home}/tramites/vigencia/quien")
    assert done.status_code == 303, here.tab.text
    assert await sums(here.db, service="vigencia", channel="desk") == ASSISTED_ONCE
    assert await sums(here.db, channel="web") == NOTHING


@pytest.mark.parametrize("finishes", ["staff", "person"])
async def test_a_request_of_which_staff_did_a_part_saves_nothing(
    here: Helping, client: httpx.AsyncClient, finishes: str
) -> None:
    """Begun online and finished at the counter, or the other way round."""
    ana = Citizen(client, here.ana.id)
    await here.by_document()
    if finishes == "staff":
        folio = (await ana.start("complaint")).json()["folio"]
    else:
        await here.send("/tramites/complaint/quien")
        async with here.db.transaction() as session:
            folio = str(await session.scalar(text("SELECT folio FROM request")))
    await ana.save(folio, about="complaint", story="La farmacia estaba cerrada.")
    if finishes == "staff":
        await here.send(f"/tramites/{folio}/revisar")
    else:
        assert (await ana.submit(folio)).status_code == 200
    found = await sums(here.db, service="complaint", channel="desk")
    assert (found["started"], found["online"], found["counted"]) == (1, 0, 0)
    assert await sums(here.db, channel="api") == NOTHING
