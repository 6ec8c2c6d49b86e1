"""News of requests: received, more is needed, decided, a message, a visit, lapsed. What exactly, is on the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.catalog.shelf import wording_of
from app.kernel import clock
from app.kernel.actor import Assurance
from app.kernel.consumers import Event
from app.kernel.i18n import N_, format_day
from app.kernel.i18n import gettext as _
from app.notifications import sources
from app.notifications.gsm import one_part
from app.notifications.sources import EMAIL, SMS, Recipient
from app.notifications.writing.notices import (
    Notice,
    Unaddressed,
    Written,
    address_of,
    for_each,
    is_seen_at_once,
    unaddressed,
)
from app.places.queries import zone_of
from app.requests.events import (
    ApprovalUndone,
    MessageWritten,
    MoreAsked,
    RequestDecided,
    RequestLapsed,
    RequestSubmitted,
    VisitInvited,
)
from app.requests.outcomes import reasons_out
from app.requests.queries import rest_days
from app.requests.queries.own import appeal_of, applicant_of, last_day_to_appeal, request_of
from app.requests.schemas import ReasonOut

RECEIVED, ASKED, DECIDED = RequestSubmitted.type, MoreAsked.type, RequestDecided.type
WRITTEN, VISIT, LAPSED = MessageWritten.type, VisitInvited.type, RequestLapsed.type
UNDONE = ApprovalUndone.type
KINDS = (RECEIVED, ASKED, DECIDED, UNDONE, WRITTEN, VISIT, LAPSED)
APPROVED, REFUSED = "approved", "refused"
INSTANT = "instant"
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Saying:
    """The words of a kind of news: the subject, which shows on a locked screen and tells neither service nor outcome;
    what happened; until when, where there is a day; and what to do, before the link."""

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
        until=N_("Respóndanos a más tardar el %(day)s; después de ese día la solicitud se cierra."),
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
    REFUSED: Saying(
        subject=N_("Ya hay respuesta a la solicitud %(folio)s"),
        happened=N_("La solicitud fue negada."),
        until=N_("Si no está de acuerdo, pida que se revise otra vez a más tardar el %(day)s."),
        to_do=N_("Lea aquí por qué y qué puede hacer:"),
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
        until=N_("Si no puede ir, mueva la cita: la solicitud la espera hasta el %(day)s y después se cierra."),
        to_do=N_("El día, la hora y el lugar van en el mensaje de la cita. La solicitud está aquí:"),
    ),
    LAPSED: Saying(
        subject=N_("Hay novedades de la solicitud %(folio)s"),
        happened=N_("La solicitud se cerró sin decidirse: no recibimos a tiempo lo que hacía falta."),
        until=None,
        to_do=N_("Puede empezar otra cuando quiera. Lo que pasó con esta está aquí:"),
    ),
}


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a request, as its event left it. `day` is the last day for what `kind` asks for or promises."""

    kind: str
    folio: str
    service: Service
    for_name: str
    day: date | None = None
    appointment: str | None = None
    reasons: tuple[ReasonOut, ...] = ()


async def write(session: AsyncSession, event: Event) -> Sequence[Notice | Unaddressed]:
    """To the person, and to who filed it for them; for a child, to those they depend on. When none of them has a
    contact, what staff must tell them.

    Nobody is told what they see at once (an instant service) or wrote themselves.

    Raises:
        NotFound: the service was never published in the event's version.
    """
    if event.person_id is None or (event.type == WRITTEN and event.payload["by"] != STAFF):
        return []
    assert event.service is not None
    assert event.service_version is not None
    service = await service_version(session, event.service, event.service_version)
    if service.kind == INSTANT:
        return []
    applicant_id = await applicant_of(session, event.person_id, event.subject_id)
    needed = Assurance(service.assurance)
    told = await sources.recipients(session, event.person_id, applicant_id, event, needed)
    if not told and is_seen_at_once(event):
        return []
    news = News(
        kind=event.payload["outcome"] if event.type == DECIDED else event.type,
        folio=event.payload["folio"],
        service=service,
        for_name=await sources.name_of(session, event.person_id),
        day=await _day_of(session, event, service),
        appointment=event.payload.get("appointment_folio"),
    )

    if not told:
        return await unaddressed(session, event, lambda: about_request(news, channel=EMAIL, url=None))
    is_refusal = event.type == DECIDED and event.payload["outcome"] == REFUSED
    decision = await request_of(session, event.person_id, event.subject_id) if is_refusal else None

    def to(reader: Recipient) -> Notice:
        why = tuple(reasons_out(service, decision, for_staff=False)) if decision else ()
        url = address_of(reader.language, f"/tramites/{news.folio}")
        # The reasons have figures of the registry: they are for who proved who they are.
        reasons = why if reader.assurance is Assurance.FULL else ()
        known = replace(news, for_name=sources.name_for(reader, news.for_name), reasons=reasons)
        said = about_request(known, channel=reader.channel, url=url)
        return Notice(reader, said.subject, said.body, said.link)

    return for_each(told, to)


async def _day_of(session: AsyncSession, event: Event, service: Service) -> date | None:
    if event.type == DECIDED:
        if event.payload["outcome"] != REFUSED:
            return None
        refused = await request_of(session, event.person_id, event.subject_id) if event.person_id else None
        if refused is not None and await appeal_of(session, refused) is not None:
            return None  # the decision of an appeal: it isn't reviewed once more
        zone = await zone_of(session, event.unit_id)
        rest = await rest_days(session, event.unit_id, clock.local_day(event.at, zone))
        return last_day_to_appeal(service, event.at, rest, zone)
    last = event.payload.get("answer_by") or event.payload.get("due_on")
    return date.fromisoformat(last) if last else None


def about_request(news: News, *, channel: str, url: str | None) -> Written:
    """The message of a request, in the current language. Without a page to go to, what happened alone."""
    saying = SAYINGS[news.kind]
    folio = {"folio": news.folio}
    subject = _(saying.subject) % folio
    if channel == SMS:
        # A text message shows on a locked screen: no service, no outcome, no name.
        text = _("Hay novedades de la solicitud %(folio)s. Véalas en %(url)s") % (folio | {"url": url})
        return Written(subject, one_part(text, []), url)
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
    ]
    if saying.until is not None and news.day is not None:
        lines += [_(saying.until) % {"day": format_day(news.day)}, ""]
    if url is not None:
        lines += [_(saying.to_do), url]
    return Written(subject, "\n".join(lines).rstrip("\n"), url)


def _visit(news: News) -> list[str]:
    if news.appointment is None:
        return []
    lines = [_("Cita: %(folio)s") % {"folio": news.appointment}]
    if news.service.visit is not None:
        lines.append(_("Traiga: %(what)s") % {"what": news.service.visit.bring})
    return lines


def _why(news: News) -> list[str]:
    """Why it was refused: each reason with its legal ground."""
    if not news.reasons:
        return []
    said = [f"- {one.text}" + (f" ({one.ground})" if one.ground else "") for one in news.reasons]
    return [_("Por qué:"), *said, ""]
