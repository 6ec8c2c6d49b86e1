"""Demonstration of services: coverage and panel capacity, sick leave, and requests in every state."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from unicodedata import normalize

from PIL import Image, ImageDraw
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.demo import places
from app.documents.service import Upload, store_upload
from app.identity.models import StaffMember
from app.kernel import clock
from app.kernel.actor import Assurance, Channel, Citizen, Role, Staff
from app.places.models import Unit
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Affiliation, Coverage, Dependant, Panel, Person, SickLeave
from app.requests.models import Request
from app.requests.presenters import detail
from app.requests.service import attachments, claims, decisions, drafts, messages, submission
from app.requests.service.decisions import Verdict

PANEL = 2_400
"""Panel size of a family doctor: typical, for the demonstration only."""
SHIFTS = ("M", "V")
SECOND_NAME = "Guadalupe"
"""The name that the corrections of the demonstration bring."""
STORIES = (
    "La farmacia no tuvo mi medicamento en tres visitas seguidas.",
    "Me atendieron muy bien en urgencias; gracias al turno de la noche.",
    "Propongo que la fila de laboratorio se abra por internet.",
)


async def load_services(session: AsyncSession, rooms: int) -> None:
    """Set the postal codes that each unit serves, and the panel capacity of each room. Idempotent."""
    towns = {places.clues_of(position): position for position in range(len(places.TOWNS))}
    for unit in (await session.scalars(select(Unit).where(Unit.clues.in_(towns)))).all():
        for zone in range(len(places.ZONES)):
            served = {"postal_code": places.postal_code(towns[unit.clues], zone), "unit_id": unit.id}
            await session.execute(insert(Coverage).values(served).on_conflict_do_nothing())
        for shift in SHIFTS:
            for room in range(1, rooms + 1):
                panel = {"unit_id": unit.id, "shift": shift, "room": room, "capacity": PANEL}
                await session.execute(insert(Panel).values(panel).on_conflict_do_nothing())
    counted = text(
        "UPDATE panel p SET assigned = least(p.capacity, n.people) FROM"
        " (SELECT unit_id, shift, room, count(*) AS people FROM person GROUP BY 1, 2, 3) n"
        " WHERE (p.unit_id, p.shift, p.room) = (n.unit_id, n.shift, n.room)"
    )
    await session.execute(counted)


async def load_requests(session: AsyncSession) -> None:
    """Create requests of the first people through the regular use cases, if there are none."""
    if await session.scalar(select(func.count()).select_from(Request)):
        return
    people = await _people(session)
    officer = await _officer(session)
    for number, person in enumerate(people):
        await _sick_leave(session, person, number)
        await _complaint(session, person, number)
    for number, person in enumerate(people[3:9]):
        folio = await _correction(session, person)
        if number == 0:
            await _ask(session, officer, folio)
        if number == 1:
            await _decide(session, officer, folio)
    former = await _former_worker(session)
    if former is not None and people:
        await _registration(session, former, people[-1])


async def _people(session: AsyncSession) -> list[Person]:
    """Return holders employed today, in the registry's order."""
    working = (
        select(Person)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(Affiliation.ends_on.is_(None), Person.id.not_in(select(Dependant.person_id)))
        .order_by(Person.id)
        .limit(12)
    )
    return list((await session.scalars(working)).unique().all())


async def _former_worker(session: AsyncSession) -> Person | None:
    """Return a person no longer employed, who may request registration with an insured person."""
    ended = (
        select(Person)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(Affiliation.ends_on.is_not(None), Person.id.not_in(select(Dependant.person_id)))
        .order_by(Person.id)
        .limit(1)
    )
    found: Person | None = await session.scalar(ended)
    return found


async def _registration(session: AsyncSession, person: Person, holder: Person) -> None:
    """Return who requests registration, with the holder's number."""
    answers = {"asked_by": "relative", "kinship": "civil-union", "holder": holder.nss}
    await _file(session, person, "dependant-add", answers)


async def _officer(session: AsyncSession) -> Staff:
    found = (await session.scalars(select(StaffMember).where(StaffMember.username == "oficial"))).one()
    return Staff(found.id, Role.OFFICER, None)


async def _sick_leave(session: AsyncSession, person: Person, number: int) -> None:
    """Create an illness of two consecutive certificates, which form one incapacity; or one work risk."""
    first = clock.today(DEFAULT_ZONE) - timedelta(days=40 + number)
    kind = ("illness", "work-risk")[number % 2]
    for part in range(2 if kind == "illness" else 1):
        leave = SickLeave(
            person_id=person.id,
            folio=f"DEMO{number:06d}" + ("S" if part else ""),
            kind=kind,
            starts_on=first + timedelta(days=7 * part),
            days=7,
            daily_wage=600,
            relation="subsequent" if part else "initial",
        )
        session.add(leave)
    await session.flush()


async def _complaint(session: AsyncSession, person: Person, number: int) -> None:
    story = STORIES[number % len(STORIES)]
    about = ("complaint", "thanks", "suggestion")[number % len(STORIES)]
    await _file(session, person, "complaint", {"about": about, "story": story})


async def _correction(session: AsyncSession, person: Person) -> str:
    answers = {"field": "name", "given_names": f"{person.given_names} {SECOND_NAME}"}
    return await _file(session, person, "data-correct", answers)


async def _file(session: AsyncSession, person: Person, service: str, answers: dict[str, Any]) -> str:
    actor = Citizen(person.id, Channel.WEB, assurance=Assurance.FULL)
    case, _is_new = await drafts.start(session, actor, service, None, answers)
    row = case.request
    view = await detail(session, actor, row)
    attached = set()
    for document in view.required_documents:
        if document.required:
            picture = Upload(document.kind, "demo.png", BytesIO(_picture(document.name)))
            stored = await store_upload(person.id, picture, formats=document.formats, max_mb=document.max_mb)
            attached.add((await attachments.add_stored(session, actor, row.folio, stored)).id)
    await submission.submit(session, actor, row.folio, verified=attached)
    return row.folio


def _picture(title: str) -> bytes:
    """Draw a sheet that states its purpose."""
    sheet = Image.new("RGB", (600, 400), "#f3f6f5")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((20, 20, 580, 380), outline="#235b4e", width=3)
    plain = normalize("NFKD", title).encode("ascii", "ignore").decode()  # the font has no accents
    draw.text((50, 180), f"DEMO: {plain}", fill="#13322b")
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


async def _ask(session: AsyncSession, officer: Staff, folio: str) -> None:
    await claims.claim_one(session, officer, folio)
    await messages.ask(
        session,
        officer,
        folio,
        "La foto del acta no se lee. Envíe otra, por favor.",
        kinds=["birth-certificate"],
        fields=[],
    )


async def _decide(session: AsyncSession, officer: Staff, folio: str) -> None:
    await claims.claim_one(session, officer, folio)
    await decisions.decide(session, officer, folio, Verdict("approve", ["documents-agree"]))
