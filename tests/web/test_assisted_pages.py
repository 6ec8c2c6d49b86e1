"""A clerk does for a person, on the person's own pages, what the person would: on the telephone or at the counter."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from app.appointments.models import Appointment
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories as places
from tests.conftest import Database
from tests.requests.actors import hire
from tests.requests.factories import slug
from tests.waiting import until_a_session_waits
from tests.web.assisted import CURP, Helping, helping
from tests.web.browser import another_tab, count, forms_of, signed_in_browser
from tests.web.tabs import latest_code, new_client, silent


@pytest.fixture
async def here(app: FastAPI, db: Database, client: httpx.AsyncClient) -> Helping:
    return await helping(app, db, client)


async def test_a_clerk_books_moves_and_cancels_by_telephone(here: Helping) -> None:
    await here.by_questions()
    folio = await here.book()
    assert "Su cita está reservada" in here.tab.text
    assert "opinión" not in here.tab.text
    assert "Atiende a Ana Núñez Peña · por teléfono · comprobó quién es con preguntas" in here.tab.text
    row = await here.row()
    async with here.db.transaction() as session:
        made = (await session.scalars(select(Appointment).where(Appointment.folio == folio))).one()
    assert (made.person_id, made.channel) == (here.ana.id, "phone")
    assert (made.booked_by_kind, made.booked_by_id) == ("staff", here.staff_id)

    await here.tab.get(f"{here.home}/citas/{folio}")
    await here.tab.send(f"{here.home}/citas/{folio}/mover")
    await here.choose(1)
    await here.send("/citas/revisar")
    await here.send(f"/citas/{folio}/cancelar", reason="other")
    done = await here.events("seat.held", "appointment.booked", "appointment.moved", "appointment.cancelled")
    assert [one.type for one in done] == [
        "seat.held",
        "appointment.booked",
        "seat.held",
        "appointment.moved",
        "appointment.cancelled",
    ]
    for one in done:
        assert (one.actor_kind, one.actor_id, one.person_id) == ("staff", here.staff_id, here.ana.id)
        assert (one.channel, one.payload["assistance_id"], one.seconds) == ("phone", str(row.id), None)

    await here.tab.get(here.home)
    ended = await here.tab.send(f"{here.home}/terminar")
    assert ended.headers["location"] == "/ventanilla/asistida"
    row = await here.row()
    assert (row.ended_by, row.answers) == ("staff", {})
    steps = await here.events("assistance.started", "assistance.identity-checked", "assistance.ended")
    assert [(one.type, one.channel, one.subject_id) for one in steps] == [
        ("assistance.started", "phone", row.id),
        ("assistance.identity-checked", "phone", row.id),
        ("assistance.ended", "phone", row.id),
    ]
    again = await here.tab.get(f"{here.home}/citas/quien")
    assert again.headers["location"].startswith(f"{here.home}?next=")


@pytest.mark.parametrize(
    "page", ["/citas/quien", "/citas/dia", "/tramites", "/tramites/weeks", "/tramites/weeks/quien"]
)
async def test_nothing_is_shown_before_the_identity_was_checked(here: Helping, page: str) -> None:
    for _step in ("no assistance", "not checked"):
        answer = await here.tab.get(here.home + page)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, here.home)
        await here.start("desk")
    await here.by_document()
    assert (await here.tab.get(here.home + page)).headers.get("location", "") != here.home


async def test_the_answers_are_never_shown_and_three_lists_end_the_questions(here: Helping) -> None:
    await here.start()
    wrong = here.right() | {"postal-code": "99999", "employer": "Otra empresa", "birth-year": 1991, "nss-end": "0000"}
    for _attempt in range(3):
        await here.tab.get(here.home)
        assert "68000" not in here.tab.html
        assert "Hilados" not in here.tab.html
        assert "1990" not in here.tab.html
        refused = await here.tab.send(f"{here.home}/preguntas", **wrong)
        assert refused.status_code == 422
        assert "Las respuestas no bastan" in here.tab.text
    await here.tab.get(here.home)
    assert "Ya no se puede preguntar" in here.tab.text
    row = await here.row()
    assert (row.attempts, row.identity) == (3, None)
    assert [one.payload for one in await here.events("assistance.identity-refused")] == [{"how": "questions"}] * 3
    assert "/citas/" not in (await here.tab.get(f"{here.home}/citas/quien")).headers["location"].partition("?")[0]


async def test_too_few_answers_are_asked_for_again_with_what_was_typed(here: Helping) -> None:
    await here.start()
    await here.tab.get(here.home)
    birth = {name: value for name, value in here.right().items() if name.startswith("birth")}
    answer = await here.tab.send(f"{here.home}/preguntas", **birth)
    assert answer.status_code == 422
    assert "Escriba al menos tres respuestas" in here.tab.text
    assert 'value="1990"' in here.tab.html
    assert (await here.row()).attempts == 0


async def test_a_code_to_the_contact_gives_the_full_level_and_signs_no_one_in(
    here: Helping, app: FastAPI, client: httpx.AsyncClient
) -> None:
    await here.by_questions()
    assert (await here.tab.get(f"{here.home}/tramites/weeks/quien")).status_code == 403
    await here.tab.get(here.home)
    await here.tab.send(f"{here.home}/codigo")
    await here.tab.get(here.home)
    assert "an•••@ejemplo.mx" in here.tab.text
    refused = await here.tab.send(f"{here.home}/codigo/comprobar", code="000000x")
    assert refused.status_code == 422
    sent = await latest_code(here.db)
    tokens = await client.post(
        "/api/v1/sign-in/tokens",
        json={"challenge_id": str((await here.row()).challenge_id), "code": sent.code},
        headers={"accept": "application/json"},
    )
    assert slug(tokens) == (422, "wrong-code")
    await here.tab.get(here.home)
    await here.tab.send(f"{here.home}/codigo/comprobar", code=f"{sent.code[:3]} {sent.code[3:]}")
    row = await here.row()
    assert (row.identity, row.assurance, row.challenge_id) == ("code", "full", None)
    assert (await here.tab.get(f"{here.home}/tramites/weeks/quien")).status_code == 200


async def test_a_document_can_be_seen_at_the_counter_only(here: Helping) -> None:
    await here.start("phone")
    await here.tab.get(here.home)
    assert "Documento que vio" not in here.tab.text
    form = here.tab.form(f"{here.home}/preguntas", document="passport")
    answer = await here.tab.client.post(f"{here.home}/documento", data=form)
    assert (answer.status_code, (await here.row()).identity) == (409, None)
    assert "Así no se puede comprobar quién es la persona" in answer.text
    await here.tab.get(here.home)
    await here.tab.send(f"{here.home}/terminar")
    await here.by_document()
    row = await here.row()
    assert (row.channel, row.identity, row.document, row.assurance) == ("desk", "document", "voter-card", "full")


async def test_people_of_other_units_are_not_acted_for(here: Helping, db: Database) -> None:
    async with db.transaction() as session:
        elsewhere = await places.unit(session, name="UMF 77")
        stranger = await places.person(session, elsewhere)
        nowhere = await places.person(session, None)
    for who, words in ((stranger, "Está adscrita a otra unidad"), (nowhere, "No está adscrita a ninguna unidad")):
        home = f"/ventanilla/asistida/{who.id}"
        await here.tab.get(home)
        assert words in here.tab.text
        assert ("UMF 77" in here.tab.text) == (who is stranger)
        assert "/inicio" not in here.tab.html
        assert "puede ver cómo van sus asuntos" not in here.tab.text, "they aren't shown"
        own = await here.tab.get(here.home)
        assert own.status_code == 200
        form = here.tab.form(f"{here.home}/inicio", channel="phone")
        answer = await here.tab.client.post(f"{home}/inicio", data=form)
        assert words in answer.text
    assert await count(db, "SELECT count(*) FROM assistance") == 0


async def test_the_pages_speak_of_the_person_and_not_to_them(here: Helping) -> None:
    async with here.db.transaction() as session:
        await places.depend(session, here.ana, await places.person(session, here.clinic.unit, insured=False))
    await here.by_document()
    await here.tab.get(f"{here.home}/citas/quien")
    assert f"Para {here.ana.full_name}" in here.tab.text
    assert "Para mí" not in here.tab.text
    assert "le da permiso a la persona" in here.tab.text
    assert "a usted" not in here.tab.text
    await here.tab.get(f"{here.home}/tramites")
    assert "que la persona elige pagar" in here.tab.text


async def test_an_assistance_is_of_one_clerk_and_ends_with_half_an_hour_of_silence(
    here: Helping, app: FastAPI, client: httpx.AsyncClient
) -> None:
    await here.by_document()
    other = await hire(here.db, client, Role.RECEPTIONIST, here.clinic.unit)
    tab = await new_client(app, here.db, staff_id=other.staff_id)
    assert (await tab.get(f"{here.home}/citas/quien")).headers["location"].startswith(here.home)
    await here.to_review()
    await here.tab.get(f"{here.home}/citas/revisar")
    await here.idle()
    form = here.tab.form(f"{here.home}/citas/revisar")
    answer = await here.tab.client.post(f"{here.home}/citas/revisar", data=form)
    assert answer.headers["location"].partition("?")[0] == here.home
    assert await count(here.db, "SELECT count(*) FROM appointment") == 0


async def test_what_was_typed_is_restored_after_the_identity_is_checked_again(here: Helping) -> None:
    await here.by_document()
    await here.send("/tramites/complaint/quien")
    async with here.db.transaction() as session:
        folio = await session.scalar(text("SELECT folio FROM request"))
    page = f"{here.home}/tramites/{folio}/paso/1"
    await here.tab.get(page)
    await here.idle()
    lapsed = await here.tab.send(page, about="complaint", story="La farmacia estaba cerrada todo el día.")
    assert lapsed.headers["location"].startswith(f"{here.home}?next=")
    await here.tab.get(lapsed.headers["location"])
    begun = await here.tab.send(f"{here.home}/inicio", channel="desk")
    await here.tab.get(begun.headers["location"])
    back = await here.tab.send(f"{here.home}/documento", document="passport")
    assert back.headers["location"] == f"{page}?guardado=1"
    await here.tab.get(back.headers["location"])
    assert "La farmacia estaba cerrada todo el día." in here.tab.html


async def test_a_lapsed_staff_session_goes_on_at_the_same_page(here: Helping, db: Database) -> None:
    await here.by_document()
    await here.tab.get(f"{here.home}/citas/quien")
    await silent(db, 600)
    lapsed = await here.tab.get(f"{here.home}/citas/motivo")
    assert lapsed.headers["location"].startswith("/ventanilla/entrar?next=/ventanilla/asistida/")


async def test_two_people_in_two_tabs_keep_their_answers_apart(here: Helping, db: Database) -> None:
    async with db.transaction() as session:
        luis = await places.person(session, await session.get(Unit, here.clinic.unit.id))
    await here.by_document()
    await here.tab.get(f"{here.home}/citas/quien")
    await here.send("/citas/motivo", service="family-medicine")
    second = another_tab(here.tab)
    his = f"/ventanilla/asistida/{luis.id}"
    await second.get(his)
    await second.send(f"{his}/inicio", channel="desk")
    await second.get(his)
    await second.send(f"{his}/documento", document="passport")
    assert (await second.get(f"{his}/citas/clinica")).headers["location"] == f"{his}/citas/quien"
    assert (await here.tab.get(f"{here.home}/citas/clinica")).status_code == 200


async def test_after_a_mistake_the_same_form_goes_on(here: Helping) -> None:
    """What answers a form is shown at another address, which takes no form."""
    await here.by_document()
    await here.tab.get(f"{here.home}/citas/quien")
    page = f"{here.home}/citas/motivo"
    await here.tab.get(page)
    refused = await here.tab.send(page)
    assert (refused.status_code, here.tab.here) == (422, refused.headers["x-answer-page"].partition("?")[0])
    (form,) = [one for one in forms_of(here.tab.html, here.tab.here) if "page" in one.hidden]
    assert form.actions == [page]
    went_on = await here.tab.send(page, service="family-medicine")
    assert went_on.headers["location"] == f"{here.home}/citas/clinica"


@pytest.mark.parametrize("over", ["ended", "idle"])
async def test_what_answered_a_form_is_not_shown_after_the_assistance(here: Helping, over: str) -> None:
    await here.by_document()
    await here.tab.get(f"{here.home}/citas/quien")
    page = f"{here.home}/citas/motivo"
    await here.tab.get(page)
    where = (await here.tab.send(page)).headers["x-answer-page"]
    assert (await here.tab.get(where)).status_code == 422
    if over == "ended":
        await here.tab.get(here.home)
        await here.tab.send(f"{here.home}/terminar")
    else:
        await here.idle()
    again = await here.tab.client.get(where)
    assert (again.status_code, again.headers["location"]) == (303, here.home)


async def test_a_double_click_starts_and_books_once(here: Helping) -> None:
    await here.by_document()
    await here.to_review()
    await here.tab.get(f"{here.home}/citas/revisar")
    form = here.tab.form(f"{here.home}/citas/revisar")
    first = await here.tab.client.post(f"{here.home}/citas/revisar", data=form)
    second = await here.tab.client.post(f"{here.home}/citas/revisar", data=form)
    assert first.headers["location"] == second.headers["location"] == f"{here.home}/citas/listo"
    assert await count(here.db, "SELECT count(*) FROM appointment") == 1


async def test_what_is_sent_while_another_tab_ends_the_assistance_waits_and_does_nothing(here: Helping) -> None:
    await here.by_document()
    await here.to_review()
    await here.tab.get(f"{here.home}/citas/revisar")
    form = here.tab.form(f"{here.home}/citas/revisar")
    async with here.db.transaction() as session:
        await session.execute(text("UPDATE assistance SET ended_at = now(), ended_by = 'staff'"))
        sent = asyncio.create_task(here.tab.client.post(f"{here.home}/citas/revisar", data=form))
        await until_a_session_waits(here.db)
    assert (await sent).headers["location"].partition("?")[0] == here.home
    assert await count(here.db, "SELECT count(*) FROM appointment") == 0


async def test_the_clerk_goes_on_only_below_the_same_person(here: Helping) -> None:
    elsewhere = f"{here.home}?next=/ventanilla/personal"
    await here.tab.get(elsewhere)
    await here.tab.send(f"{here.home}/inicio", channel="desk")
    await here.tab.get(elsewhere)
    known = await here.tab.send(f"{here.home}/documento", document="passport")
    assert known.headers["location"] == here.home


async def test_the_views_of_the_person_and_their_family_are_recorded_as_the_clerks(here: Helping) -> None:
    async with here.db.transaction() as session:
        child = await places.person(session, here.clinic.unit, insured=False)
        await places.depend(session, here.ana, child)
    await here.by_document()
    await here.tab.get(f"{here.home}/citas/quien")
    assert child.full_name in here.tab.text
    seen = (
        "SELECT count(*) FROM personal_data_view WHERE person_id = :id AND reader_id = :staff AND role = 'receptionist'"
    )
    for who in (here.ana.id, child.id):
        assert await count(here.db, seen, id=who, staff=here.staff_id) == 1


async def test_the_person_reads_who_helped_them(here: Helping, app: FastAPI) -> None:
    await here.by_questions()
    hers = await signed_in_browser(app, here.db, person_id=here.ana.id)
    await hers.get("/mi/accesos")
    assert "Quién ha hecho algo por usted" in hers.text
    assert "Por teléfono" in hers.text
    assert "con preguntas" in hers.text
    assert "sigue" in hers.text
    assert "Rosa Díaz" not in hers.text


async def test_only_who_attends_people_may(app: FastAPI, db: Database, client: httpx.AsyncClient) -> None:
    here = await helping(app, db, client, Role.ANALYST)
    assert (await here.tab.get(here.home)).status_code == 403
    assert (await here.tab.get("/ventanilla/asistida")).status_code == 403
    assert (await here.tab.get(f"{here.home}/citas/quien")).status_code == 403


async def test_a_person_is_found_by_curp_or_folio(here: Helping) -> None:
    await here.by_document()
    folio = await here.book()
    for text_ in (CURP.lower(), folio.lower()):
        await here.tab.get("/ventanilla/asistida")
        assert "Ana Núñez Peña" in here.tab.text
        assert (await here.tab.send("/ventanilla/asistida", who=text_)).headers["location"] == here.home
    await here.tab.get("/ventanilla/asistida")
    answer = await here.tab.send("/ventanilla/asistida", who="99999999999")
    assert answer.status_code == 422
    assert 'value="99999999999"' in here.tab.html


async def test_the_pages_are_in_english_too(here: Helping) -> None:
    await here.by_document()
    await here.tab.get(f"/en{here.home}")
    assert "You are helping Ana Núñez Peña" in here.tab.text
    assert f'href="/en{here.home}/citas/quien"' in here.tab.html
