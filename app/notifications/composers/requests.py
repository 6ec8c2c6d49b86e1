"""Messages about requests: received, more information needed, decided, a message, a visit, lapsed. Details are on the
page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.challenges import DOUBT, is_doubtful
from app.catalog.definition import Service
from app.catalog.loader import wording_of
from app.catalog.queries import service_version
from app.kernel import clock
from app.kernel.actor import Assurance
from app.kernel.consumers import Event
from app.kernel.i18n import N_, format_day
from app.kernel.i18n import gettext as _
from app.notifications import contacts
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    UnaddressedDraft,
    address_of,
    draft_unaddressed,
    for_each,
    is_seen_immediately,
)
from app.notifications.contacts import EMAIL, SMS, Recipient
from app.notifications.gsm import one_part
from app.places.queries import zone_of
from app.requests.events import (
    AnswerDueSoon,
    ApprovalUndone,
    DraftLeftOpen,
    DueDateMoved,
    InformationRequested,
    MessagePosted,
    RequestDecided,
    RequestLapsed,
    RequestSubmitted,
    VisitInvited,
)
from app.requests.queries.case_file import Challengeable, appeal_of, challengeable, refusal_in_force
from app.requests.queries.own import applicant_of, request_of
from app.requests.schemas import ReasonOut
from app.requests.wording import reasons_out

RECEIVED, ASKED, DECIDED = RequestSubmitted.type, InformationRequested.type, RequestDecided.type
WRITTEN, VISIT, LAPSED = MessagePosted.type, VisitInvited.type, RequestLapsed.type
UNDONE, MOVED = ApprovalUndone.type, DueDateMoved.type
DUE_SOON, LEFT_OPEN = AnswerDueSoon.type, DraftLeftOpen.type
KINDS = (RECEIVED, ASKED, DECIDED, UNDONE, MOVED, WRITTEN, VISIT, LAPSED, DUE_SOON, LEFT_OPEN)
REMINDERS = (DUE_SOON, LEFT_OPEN)
"""Of these staff get no notice for who has no contact: they have one of what it reminds of, or the person began it."""
APPROVED, REFUSED = "approved", "refused"
INSTANT = "instant"
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Saying:
    """Text of a kind of message: the subject, which shows on lock screens and reveals neither service nor outcome; what
    happened; the deadline, if any; and the next step, before the link."""

    subject: str
    happened: str
    until: str | None
    to_do: str


SAYINGS = {
    RECEIVED: Saying(
        subject=N_("Recibimos la solicitud %(folio)s"),
        happened=N_("Recibimos la solicitud."),
        until=N_("Se decide a más tardar el %(day)s. Si le pedimos algo, ese plazo se detiene mientras responde."),
        to_do=N_("Por ahora no tiene que hacer nada. Vea cómo va aquí:"),
    ),
    ASKED: Saying(
        subject=N_("Necesitamos algo de usted para la solicitud %(folio)s"),
        happened=N_("Para seguir necesitamos algo de usted."),
        until=N_("Respóndanos a más tardar el %(day)s; después de ese día la solicitud se desecha sin decidirse."),
        to_do=N_("Vea aquí qué necesitamos y responda:"),
    ),
    APPROVED: Saying(
        subject=N_("Ya hay respuesta a la solicitud %(folio)s"),
        happened=N_("La solicitud fue aprobada."),
        until=None,
        to_do=N_("Lea aquí la respuesta y lo que sigue:"),
    ),
    UNDONE: Saying(
        subject=N_("Hay novedades de la solicitud %(folio)s"),
        happened=N_(
            "Habíamos aprobado la solicitud por error y deshicimos la aprobación: sus datos están como antes."
            " La estamos revisando otra vez."
        ),
        until=N_("Se decide a más tardar el %(day)s. Si le pedimos algo, ese plazo se detiene mientras responde."),
        to_do=N_("Por ahora no tiene que hacer nada. Vea cómo va aquí:"),
    ),
    MOVED: Saying(
        subject=N_("Cambió la fecha de la respuesta a la solicitud %(folio)s"),
        happened=N_("La solicitud estuvo detenida mientras tenía una cita en ventanilla; esos días no cuentan."),
        until=N_("Antes le dijimos que se decidía a más tardar el %(before)s; ahora, a más tardar el %(day)s."),
        to_do=N_("Por ahora no tiene que hacer nada. Vea cómo va aquí:"),
    ),
    REFUSED: Saying(
        subject=N_("Ya hay respuesta a la solicitud %(folio)s"),
        happened=N_("La solicitud fue negada."),
        until=None,
        to_do=N_("Lea aquí por qué, descargue la resolución firmada y vea qué puede hacer:"),
    ),
    WRITTEN: Saying(
        subject=N_("Tiene un mensaje sobre la solicitud %(folio)s"),
        happened=N_("Le escribimos un mensaje sobre la solicitud."),
        until=None,
        to_do=N_("Léalo y, si hace falta, conteste aquí:"),
    ),
    VISIT: Saying(
        subject=N_("Hay una cita en ventanilla para la solicitud %(folio)s"),
        happened=N_("Para seguir hay que ir a la ventanilla: la cita ya quedó reservada."),
        until=N_("Si no puede ir, mueva la cita: la solicitud la espera hasta el %(day)s y después se desecha."),
        to_do=N_("El día, la hora y el lugar van en el mensaje de la cita. La solicitud está aquí:"),
    ),
    DUE_SOON: Saying(
        subject=N_("Faltan 3 días para responder: solicitud %(folio)s"),
        happened=N_("Todavía esperamos algo de usted para seguir."),
        until=N_("Respóndanos a más tardar el %(day)s; después de ese día la solicitud se desecha sin decidirse."),
        to_do=N_("Vea aquí qué necesitamos y responda:"),
    ),
    LEFT_OPEN: Saying(
        subject=N_("Le falta enviar la solicitud %(folio)s"),
        happened=N_("Empezó una solicitud y no la ha enviado. Lo que escribió está guardado."),
        until=None,
        to_do=N_("Termínela aquí; si ya no la quiere, no haga nada:"),
    ),
    LAPSED: Saying(
        subject=N_("Hay novedades de la solicitud %(folio)s"),
        happened=N_("La solicitud se desechó sin decidirse: no recibimos a tiempo lo que hacía falta."),
        until=None,
        to_do=N_("Puede empezar otra cuando quiera. Lo que pasó con esta está aquí:"),
    ),
}


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a request, as its event left it. `day` is the last day of what `kind` asks for or promises."""

    kind: str
    folio: str
    service: Service
    for_name: str
    day: date | None = None
    before: date | None = None
    """The day that was promised until now, of what is decided later."""
    appointment: str | None = None
    reasons: tuple[ReasonOut, ...] = ()
    against: Challengeable | None = None
    is_notified: bool = False
    """Whether the terms of `against` run from the day on which the refusal was viewed; otherwise from today."""


async def compose(session: AsyncSession, event: Event) -> Sequence[Notice | UnaddressedDraft]:
    """Compose messages to the person and to who filed the request for them; for a child, to those they depend on. If
    none of them has a contact, draft a notice for staff.

    No message is sent about what the person sees at once (an instant service) or wrote. If rules decided a request on
    submission, only the decision is sent.

    Raises:
        NotFound: the service was never published in the event's version.
    """
    if event.person_id is None or (event.type == WRITTEN and event.payload["by"] != STAFF):
        return []
    assert event.service is not None
    assert event.service_version is not None
    service = await service_version(session, event.service, event.service_version)
    if service.kind == INSTANT or await _is_decided_already(session, event) or await _is_outdated(session, event):
        return []
    applicant_id = await applicant_of(session, event.person_id, event.subject_id)
    needed = Assurance(service.assurance)
    recipients = await contacts.find_recipients(session, event.person_id, applicant_id, event, needed)
    if not recipients and (is_seen_immediately(event) or event.type in REMINDERS):
        return []
    news = News(
        kind=event.payload["outcome"] if event.type == DECIDED else event.type,
        folio=event.payload["folio"],
        service=service,
        for_name=await contacts.name_of(session, event.person_id),
        day=_day_of(event, "answer_by", "due_on"),
        before=_day_of(event, "before"),
        appointment=event.payload.get("appointment_folio"),
    )

    is_refusal = event.type == DECIDED and event.payload["outcome"] == REFUSED
    decision = await request_of(session, event.person_id, event.subject_id) if is_refusal else None
    if decision is not None:
        news = await _with_terms(session, news, decision, event)
    if not recipients:
        unaddressed = news
        return await draft_unaddressed(session, event, lambda: about_request(unaddressed, channel=EMAIL, url=None))

    def to(reader: Recipient) -> Notice:
        why = tuple(reasons_out(service, decision, for_staff=False)) if decision else ()
        url = address_of(reader.language, f"/tramites/{news.folio}")
        # Reasons contain registry data and need the full level of assurance.
        reasons = why if reader.assurance is Assurance.FULL else ()
        known = replace(news, for_name=contacts.name_for(reader, news.for_name), reasons=reasons)
        text = about_request(known, channel=reader.channel, url=url)
        return Notice(reader, text.subject, text.body, text.link)

    return for_each(recipients, to)


async def _is_decided_already(session: AsyncSession, event: Event) -> bool:
    """Return whether this acknowledges a request that rules decided at once, so that its deadline is meaningless."""
    if event.type != RECEIVED or event.person_id is None:
        return False
    row = await request_of(session, event.person_id, event.subject_id)
    return row is not None and row.decided_by is None and row.outcome in (APPROVED, REFUSED)


async def _is_outdated(session: AsyncSession, event: Event) -> bool:
    """Return whether this says until when a request is decided, and that has changed since."""
    if event.type != MOVED or event.person_id is None:
        return False
    row = await request_of(session, event.person_id, event.subject_id)
    return row is None or row.due_on != _day_of(event, "due_on") or row.outcome is not None


def _day_of(event: Event, *names: str) -> date | None:
    last = next((day for name in names if (day := event.payload.get(name))), None)
    return date.fromisoformat(last) if last else None


async def _with_terms(session: AsyncSession, news: News, refused: Any, event: Event) -> News:
    """Add the last day of each means of challenge. Until the refusal is viewed it isn't notified, so the days assume
    that it is viewed on the day of the message: never later than the real ones."""
    refusal = await refusal_in_force(session, refused)
    zone = await zone_of(session, refused.unit_id)
    shown_at = refusal.notified_at if refusal else None
    # The decision on an appeal can't be appealed internally again.
    with_review = await appeal_of(session, refused) is None
    day = clock.local_day(shown_at or event.at, zone)
    against = await challengeable(session, news.service, day, with_review=with_review)
    return replace(news, against=against, is_notified=shown_at is not None)


def about_request(news: News, *, channel: str, url: str | None) -> MessageText:
    """Render the message, in the current language. Without a link, it states what happened only."""
    saying = SAYINGS[news.kind]
    folio = {"folio": news.folio}
    subject = _(saying.subject) % folio
    if channel == SMS:
        # Text messages show on lock screens: no service, no outcome, no name.
        text = _("Hay novedades de la solicitud %(folio)s. Véalas en %(url)s") % (folio | {"url": url})
        return MessageText(subject, one_part(text, []), url)
    wording = wording_of(news.service.id, news.kind)
    lines = [
        str(wording.sentence) if wording else _(saying.happened),
        "",
        _("Trámite: %(service)s") % {"service": news.service.name},
        _("Para: %(name)s") % {"name": news.for_name},
        _("Folio: %(folio)s") % folio,
        *_visit(news),
        "",
        *_why(news),
        *_what_can_be_done(news),
    ]
    if saying.until is not None and news.day is not None:
        before = format_day(news.before or news.day)
        lines += [_(saying.until) % {"day": format_day(news.day), "before": before}, ""]
    if url is not None:
        lines += [_(saying.to_do), url]
    return MessageText(subject, "\n".join(lines).rstrip("\n"), url)


def _visit(news: News) -> list[str]:
    if news.appointment is None:
        return []
    lines = [_("Cita: %(folio)s") % {"folio": news.appointment}]
    if news.service.visit is not None:
        lines.append(_("Traiga: %(what)s") % {"what": news.service.visit.bring})
    return lines


def _what_can_be_done(news: News) -> list[str]:
    """List the means of challenge, each with its authority and last day."""
    if news.against is None or not news.against.terms:
        return []
    if news.is_notified:
        lead = _("Qué puede hacer si no está de acuerdo:")
    else:
        lead = _("Qué puede hacer si no está de acuerdo. Los plazos cuentan desde que vea la decisión; si la ve hoy:")
    use = news.service.refusal
    means = [
        _("- %(name)s, a más tardar el %(day)s. %(who)s. %(note)s (%(basis)s)")
        % {
            "name": one.means.name,
            "day": format_day(one.last_day),
            "who": one.means.authority,
            "note": f"{one.means.note} {_(DOUBT)}" if is_doubtful(one.means) else one.means.note,
            "basis": one.means.basis,
        }
        for one in news.against.terms
    ]
    return [lead, *means, "", *([str(use.text), ""] if use.text else [])]


def _why(news: News) -> list[str]:
    """List the reasons of the refusal with their legal grounds."""
    if not news.reasons:
        return []
    reasons = [f"- {one.text}" + (f" ({one.ground})" if one.ground else "") for one in news.reasons]
    return [_("Por qué:"), *reasons, ""]
