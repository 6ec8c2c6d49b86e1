"""Reception says whose ticket it is: from the offers, and from its number typed into the box."""

from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI

from app.appointments.service import reschedule
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import NINE, at_nine, clinic, patient, walk_in
from tests.web.browser import another_tab, count, signed_in_browser
from tests.web.reception import CURP

PAGE = "/ventanilla/recepcion"


async def test_from_the_offers_to_the_person_and_back(app: FastAPI, db: Database) -> None:
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here = await clinic(session)
            _who, made = await patient(session, here, minutes=10)
            await reschedule.cancel(session, here.desk, made.folio, "other", places.once())
    with at_nine():
        async with db.transaction() as session:
            who, other = await places.person(session, here.unit), await places.person(session, here.unit)
            who.curp = CURP
            given = await walk_in(session, here)
        tab = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        asks = f"{PAGE}/turno/{given.id}/persona"
        await tab.get(f"{PAGE}/ofertas")
        assert f'href="{asks}"' in tab.html
        await tab.get(PAGE)
        sent = await tab.send(PAGE, q="a1")
        assert sent.headers["location"] == f"{PAGE}/turno/{given.id}"
        await tab.get(sent.headers["location"])
        assert f'href="{asks}"' in tab.html
        await tab.get(asks)
        assert "¿De quién es el turno A-001?" in tab.text
        await tab.send(asks, q="zzzz")
        sent = await tab.send(asks, q=who.curp)
        assert sent.headers["location"] == f"{asks}/{who.id}"
        await tab.get(sent.headers["location"])
        assert who.curp in tab.text
        late = another_tab(tab)
        await late.get(f"{asks}/{other.id}")
        sent = await tab.send(f"{asks}/{who.id}")
        await tab.get(sent.headers["location"])
        assert "El turno ya tiene a su persona. Conserva su número y su lugar." in tab.html
        left_by = sent.headers["location"]
        assert f'href="{asks}"' not in tab.html
        refused = await late.send(f"{asks}/{other.id}")
        assert refused.status_code == 409
        assert f"Es de {who.full_name}." in late.text
        await tab.get(f"{PAGE}/ofertas")
        assert ": turno A-001" in tab.text
        assert await count(db, "SELECT count(*) FROM desk_ticket WHERE person_id = :id", id=who.id) == 1
        await tab.get(f"{PAGE}/turno/{given.id}/correccion")
        done = await tab.send(f"{PAGE}/turno/{given.id}/correccion/nadie", porque="unsure")
        await tab.get(left_by)
        assert "ya tiene a su persona" not in tab.html, "the ticket has none any more"
        await tab.get(done.headers["location"])
        assert "Se corrigió de quién es el turno" in tab.text
        seen = "SELECT count(*) FROM personal_data_view WHERE person_id = :id"
        assert await count(db, seen, id=who.id) == 1


async def test_the_appointment_is_taken_and_the_wrong_person_corrected(app: FastAPI, db: Database) -> None:
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here = await clinic(session)
            who, _made = await patient(session, here, minutes=80)
            other = await places.person(session, here.unit)
    with at_nine():
        async with db.transaction() as session:
            given = await walk_in(session, here)
        tab = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        slip = f"{PAGE}/turno/{given.id}"
        await tab.get(f"{slip}/persona/{who.id}")
        sent = await tab.send(f"{slip}/persona/{who.id}")
        await tab.get(sent.headers["location"])
        assert "Se registró su llegada a la cita de las 10:20 a.m." in tab.text
        corrects = f"{slip}/correccion"
        assert f'href="{corrects}"' in tab.html
        await tab.get(corrects)
        assert f"Es de {who.full_name}." in tab.text
        sent = await tab.send(corrects, q=other.full_name)
        await tab.get(f"{corrects}/{other.id}")
        await tab.send(f"{corrects}/{other.id}")
        assert "Diga qué pasó." in tab.text
        sent = await tab.send(f"{corrects}/{other.id}", porque="wrong-choice")
        await tab.get(sent.headers["location"])
        assert "Se corrigió de quién es el turno. Conserva su número." in tab.text
        assert "llegada a la cita" not in tab.text
        await tab.get(f"{corrects}/{who.id}")
        assert "Tiene cita a las 10:20 a.m.: el turno conserva su número" in tab.text
        sent = await tab.send(f"{corrects}/{who.id}", porque="wrong-choice")
        await tab.get(sent.headers["location"])
        assert "su lugar es ahora el de la cita de su persona" in tab.text
        await tab.get(corrects)
        sent = await tab.send(f"{corrects}/nadie", porque="unsure")
        await tab.get(sent.headers["location"])
        assert f'href="{slip}/persona"' in tab.html
        assert await count(db, "SELECT count(*) FROM desk_ticket WHERE person_id IS NOT NULL") == 0


async def test_the_slip_says_which_appointment_the_number_is_not_for(app: FastAPI, db: Database) -> None:
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here = await clinic(session)
            who, made = await patient(session, here, minutes=240)
    with at_nine():
        async with db.transaction() as session:
            given = await walk_in(session, here)
        tab = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        await tab.get(f"{PAGE}/turno/{given.id}/persona/{who.id}")
        sent = await tab.send(f"{PAGE}/turno/{given.id}/persona/{who.id}")
        await tab.get(sent.headers["location"])
        assert "Hoy a la 1:00 p.m. tiene además otra cita" in tab.text
        assert f"folio={made.folio}" in tab.html


async def test_an_older_person_goes_first_and_the_slip_says_so(app: FastAPI, db: Database) -> None:
    with at_nine():
        async with db.transaction() as session:
            here = await clinic(session)
            who = await places.person(session, here.unit)
            who.curp, who.birth_on = CURP, NINE.date().replace(year=NINE.year - 70)
            given = await walk_in(session, here)
        tab = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        page = f"{PAGE}/turno/{given.id}/persona/{who.id}"
        await tab.get(page)
        sent = await tab.send(page)
        await tab.get(sent.headers["location"])
        assert "Conserva su número y pasa antes, por su edad." in tab.text


@pytest.mark.parametrize("name", ["identificado", "identificado-con-cita", "corregido", "ofrecido", "rehusado"])
async def test_nothing_is_said_to_be_done_that_isn_t(app: FastAPI, db: Database, name: str) -> None:
    with at_nine():
        async with db.transaction() as session:
            here = await clinic(session)
            given = await walk_in(session, here)
        tab = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        for page in (f"{PAGE}/turno/{given.id}", PAGE, f"{PAGE}/ofertas", f"{PAGE}/turno/{given.id}/persona"):
            for query in (f"hecho={name}", f"hecho={name}&v=99", f"hecho={name}&a={given.id}"):
                await tab.get(f"{page}?{query}")
                assert "govuk-notification-banner--success" not in tab.html, (page, query)
