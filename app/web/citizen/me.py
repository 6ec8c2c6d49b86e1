"""My page: appointments, family, contact, language; download my data, close my account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from app.appointments.queries import own
from app.appointments.queries.draws import registrations_of
from app.appointments.queries.wait_list import EntryView, entries_of
from app.catalog.queries import service_version
from app.desk.queries.served import my_assistances
from app.desk.schemas.assistances import MyAssistanceOut
from app.identity.service import accounts
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Tx
from app.kernel.i18n import LANGUAGES, N_, _, format_day
from app.notifications import contacts, deliveries, preferences, push_subscriptions, reliability
from app.notifications.labels import MESSAGE_NAMES
from app.registry.access_history import views_of_person
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import (
    FamilyMember,
    family_of,
    person_by_id,
    person_with_unit,
    registered_family,
    rights_of,
    today_of,
)
from app.registry.rules import InForce
from app.registry.schemas import AccessOut
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries.own import own_requests
from app.web import labels
from app.web.browser import BrowserSession, BrowserSessionWeb, CitizenWeb, LowCitizenWeb
from app.web.citizen.booking_review import masked
from app.web.effects import Effect
from app.web.passes import STATE, states_of
from app.web.rendering import nowrap, redirect, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.registry.models import Person
    from app.requests.models import Request as RequestRow

router = APIRouter(dependencies=[RECORDS_VIEWS])

MAX_SHOWN = 50
MAX_DOWNLOADED = 1_000
MAX_VIEWS = 20_000


@router.get("/mi")
async def my_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """What is mine: what comes first is what comes next."""
    return await _my_page(request, browser, actor, tx)


async def _my_page(request: Request, browser: BrowserSession, actor: Citizen, tx: Tx, **more: Any) -> Response:
    now = clock.now()
    family = await family_of(tx, actor)
    mine = await own.own_appointments(tx, actor, limit=MAX_SHOWN)
    account = await accounts.account_of(tx, actor.person_id)
    filed = await own_requests(tx, actor, limit=MAX_SHOWN)
    relatives = await registered_family(tx, actor)
    record_views(actor, ViewContext.PERSON, {one.person.id: one.person.unit_id for one in relatives})
    record_views(actor, ViewContext.APPOINTMENT, {one.person_id: one.unit_id for one in mine})
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in filed})
    me = await person_by_id(tx, actor.person_id)
    known = []
    if browser.is_sure:
        browser.remember(name=family[0].person.given_names)
        known = await _known(tx, family[0].person)
    answer = show(
        request,
        browser,
        "citizen/me.html",
        family=family,
        is_declared=me.declared_at is not None,
        has_unit=any(one.person.unit_id is not None for one in family) or me.unit_id is not None,
        relatives=relatives,
        names={member.person.id: member.person.given_names for member in family},
        coming=[one for one in reversed(mine) if one.start_at > now and one.status == "booked"],
        waits=await entries_of(tx, [one.person.id for one in family]),
        draws=await registrations_of(tx, [one.person.id for one in family]),
        past=[one for one in mine if one.start_at <= now or one.status != "booked"],
        failing=[masked(one.address) for one in await reliability.unreliable_contacts(tx, actor.person_id)],
        unreached=await _unreached(tx, actor),
        contact=masked(account.email or account.phone) if account else None,
        account=account,
        requests=[(row, await service_version(tx, row.service, row.service_version)) for row in filed],
        known=known,
        shown=["language", account.language if account else None],
        back="/",
        **more,
    )
    answer.headers[STATE] = states_of(mine, now, are_all=browser.is_sure)
    return answer


async def _unreached(tx: AsyncSession, actor: Citizen) -> list[dict[str, str]]:
    """The contacts whose last message came back, unless the page says already that they refuse messages."""
    failing = {one.address for one in await reliability.unreliable_contacts(tx, actor.person_id)}
    zone = await contacts.zone_of(tx, actor.person_id)
    return [
        {
            "channel": one.channel,
            "contact": masked(one.address) or "",
            "kind": labels.label(MESSAGE_NAMES, one.kind),
            "day": format_day(clock.local_day(one.at, zone)),
        }
        for one in await deliveries.unreached_contacts(tx, actor)
        if one.address not in failing
    ]


async def _known(tx: AsyncSession, person: Person) -> list[dict[str, object]]:
    """What the registry says of a person that they are asked for elsewhere, for who proved to be them: their number,
    where they are attended, and until when they have rights."""
    found = await person_with_unit(tx, person.id)
    unit = found[1] if found else None
    rights = await rights_of(tx, person.id, await today_of(tx, person))
    rows: list[tuple[str, object]] = [
        (_("Derechos"), _rights_words(rights)),
        (_("Número de seguridad social"), nowrap(person.nss) if person.nss else _("No tiene todavía")),
        (_("CURP"), nowrap(person.curp)),
        (_("Clínica"), unit.name if unit else _("No tiene todavía: regístrese en «Trámites»")),
    ]
    if unit is not None and person.room is not None:
        shift = labels.label(labels.SHIFTS, person.shift or "M")
        room = _("Consultorio %(room)s, turno %(shift)s") % {"room": person.room, "shift": shift}
        rows.append((_("Médico familiar"), room))
    return [{"key": key, "value": value} for key, value in rows]


def _rights_words(rights: InForce) -> str:
    """Whether a person is attended, until when, and by what."""
    if not rights.is_in_force:
        return _("No vigentes: acuda a la ventanilla de su clínica")
    until = _("Vigentes hasta el %(day)s") % {"day": format_day(rights.until)} if rights.until else _("Vigentes")
    return f"{until} ({labels.label(labels.RIGHTS_BY, rights.reason)})"


@router.post("/mi/idioma")
async def language_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """The language of messages from now on."""
    chosen = form.one_of("language", list(LANGUAGES), N_("Elija un idioma."))
    account = await accounts.account_of(tx, actor.person_id)
    if not chosen or not form.holds(["language", account.language if account else None]):
        return await _my_page(request, browser, actor, tx)
    if chosen:
        await accounts.choose_language(tx, actor, chosen)
    return redirect(request, browser, "/mi")


@router.get("/mi/datos.json")
async def my_data(actor: CitizenWeb, tx: Tx) -> Response:
    """Return all that the portal stores about the person, as a file."""
    family = await family_of(tx, actor)
    mine = await own.own_appointments(tx, actor, limit=MAX_DOWNLOADED)
    account = await accounts.account_of(tx, actor.person_id)
    filed = await own_requests(tx, actor, limit=MAX_DOWNLOADED)
    record_views(actor, ViewContext.PERSON, {member.person.id: member.person.unit_id for member in family})
    record_views(actor, ViewContext.APPOINTMENT, {one.person_id: one.unit_id for one in mine})
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in filed})
    views = await views_of_person(tx, actor.person_id, limit=MAX_VIEWS)
    wanted = await preferences.preferences_of(tx, actor.person_id)
    browsers = await push_subscriptions.list_of(tx, actor)
    waits = await entries_of(tx, [member.person.id for member in family], with_ended=True)
    data = {
        "downloaded_at": clock.now().isoformat(),
        "account": {"email": account.email, "phone": account.phone, "language": account.language} if account else None,
        "reminders": {"moments": sorted(wanted.moments), "channel": wanted.channel},
        "push_subscriptions": [
            {
                "name": one.name,
                "device": one.device.value,
                "created_at": one.created_at.isoformat(),
                "delivered_at": one.delivered_at.isoformat() if one.delivered_at else None,
            }
            for one in browsers
        ],
        "people": [_person(member) for member in family],
        "appointments": [
            {
                "folio": one.folio,
                "person_id": str(one.person_id),
                "unit": one.unit_name,
                "clues": one.clues,
                "service": one.service,
                "room": one.room,
                "start_at": one.start_at.isoformat(),
                "status": one.status,
                "channel": one.channel,
                "created_at": one.created_at.isoformat(),
            }
            for one in mine
        ],
        "wait_list": [_wait_entry(one) for one in waits],
        "requests": [_request(row) for row in filed],
        "assistances": [
            MyAssistanceOut.model_validate(one).model_dump(mode="json")
            for one in await my_assistances(tx, actor.person_id, limit=MAX_VIEWS)
        ],
        "accesses": [AccessOut.model_validate(view).model_dump(mode="json") for view in views],
    }
    headers = {"Content-Disposition": 'attachment; filename="mis-datos.json"'}
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return Response(text, media_type="application/json", headers=headers)


def _wait_entry(one: EntryView) -> dict[str, Any]:
    return {
        "person_id": str(one.person_id),
        "unit": one.unit_name,
        "service": one.service,
        "weekdays": one.weekdays,
        "shift": one.shift,
        "room": one.room,
        "notice_hours": one.notice_hours,
        "asked_at": one.asked_at.isoformat(),
        "status": one.status,
        "end_reason": one.end_reason,
    }


def _request(row: RequestRow) -> dict[str, Any]:
    return {
        "folio": row.folio,
        "person_id": str(row.person_id),
        "service": row.service,
        "status": row.status,
        "outcome": row.outcome,
        "answers": row.answers,
        "submitted_at": row.submitted_at.isoformat() if row.submitted_at else None,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def _person(member: FamilyMember) -> dict[str, Any]:
    person = member.person
    return {
        "id": str(person.id),
        "kinship": member.kinship,
        "curp": person.curp,
        "nss": person.nss,
        "given_names": person.given_names,
        "first_surname": person.first_surname,
        "second_surname": person.second_surname,
        "birth_on": person.birth_on.isoformat(),
        "postal_code": person.postal_code,
    }
