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
from app.kernel.i18n import format_day
from app.kernel.i18n import gettext as _
from app.notifications import contacts
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    UnaddressedDraft,
    Values,
    address_of,
    draft_unaddressed,
    for_each,
    is_seen_immediately,
    notice_of,
    say,
)
from app.notifications.contacts import EMAIL, Recipient
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
from app.requests.rules.clock import Term
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


SAYINGS = {
    **{kind: kind for kind in KINDS if kind != DECIDED},
    APPROVED: "request.approved",
    REFUSED: "request.refused",
}
"""The template of each kind of news; a decision has one for each outcome."""


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
        return notice_of(reader, about_request(known, channel=reader.channel, url=url))

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
    wording = wording_of(news.service.id, news.kind)
    is_visit = news.appointment is not None and news.service.visit is not None
    against = news.against if news.against is not None and news.against.terms else None
    use = news.service.refusal
    values: Values = {
        "persona": news.for_name,
        "servicio": str(news.service.name),
        "folio": news.folio,
        "enlace": url,
        "fecha_limite": format_day(news.day) if news.day is not None else None,
        "fecha_anterior": format_day(news.before) if news.before is not None else None,
        "frase": str(wording.sentence) if wording else None,
        "cita": news.appointment,
        "traer": str(news.service.visit.bring) if is_visit and news.service.visit is not None else None,
        "razones": "\n".join(_reason(one) for one in news.reasons),
        "medios": "\n".join(_means(one) for one in against.terms) if against else None,
        "aclaracion": str(use.text) if against and use is not None and use.text else None,
        "ya_notificada": news.is_notified,
    }
    return say(SAYINGS[news.kind], values, channel=channel, link=url)


def _means(one: Term) -> str:
    """A means of challenge, with its authority and last day."""
    return _("- %(name)s, a más tardar el %(day)s. %(who)s. %(note)s (%(basis)s)") % {
        "name": one.means.name,
        "day": format_day(one.last_day),
        "who": one.means.authority,
        "note": f"{one.means.note} {_(DOUBT)}" if is_doubtful(one.means) else one.means.note,
        "basis": one.means.basis,
    }


def _reason(one: ReasonOut) -> str:
    """A reason of the refusal with its legal ground."""
    return f"- {one.text}" + (f" ({one.ground})" if one.ground else "")
