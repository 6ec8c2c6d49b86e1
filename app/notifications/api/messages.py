"""Calendar files of appointments, preferences of reminders, dead-letter messages, and notices to people without a
contact."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.appointments.queries.own import own_appointment
from app.identity.dependencies import CitizenApi, LowCitizenApi, StaffApi
from app.identity.problems import WrongRole
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_change
from app.kernel.problems import KeyReused, NotFound, Unauthorized
from app.notifications import metrics, preferences, service, unaddressed, yearly_statements
from app.notifications.calendars import media_type_of
from app.notifications.preferences import Preferences
from app.notifications.problems import CodeNotRetried
from app.notifications.queries import dead_letter_messages, own_calendar
from app.notifications.reminder_rules import Moment
from app.notifications.schemas import (
    DeadLetterMessageOut,
    ReminderPreferencesIn,
    ReminderPreferencesOut,
    StatementSubscription,
    UnaddressedNoticeOut,
)
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["messages"], dependencies=[RECORDS_VIEWS])
METRICS = metrics.messages  # imported, it is read with all the others
Answers = dict[int | str, dict[str, Any]]

STAFF = problem_responses(Unauthorized, WrongRole)
A_FILE: Answers = {200: {"content": {"text/calendar": {}}, "description": "An iCalendar file (RFC 5545)."}}


@router.get(
    "/appointments/{folio}/calendar.ics",
    operation_id="get_appointment_calendar",
    tags=["appointments"],
    summary="An appointment for a calendar",
    response_class=Response,
    responses=A_FILE | problem_responses(Unauthorized, NotFound),
)
async def get_appointment_calendar(
    actor: LowCitizenApi, read: Read, folio: Annotated[str, Path(max_length=20, examples=["C-7K3M9-QXT2F-R"])]
) -> Response:
    """An iTIP message (RFC 5546), as in the mail: `METHOD` is REQUEST, or CANCEL once it is cancelled. The UID is
    stable and SEQUENCE increases, so calendars move or remove an entry they already have."""
    own = await own_appointment(read, actor, folio)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    file = await own_calendar(read, actor, own)
    return Response(file, media_type=media_type_of(file))


@router.get(
    "/me/reminders",
    operation_id="get_reminder_preferences",
    summary="Which reminders I want",
    responses=problem_responses(Unauthorized),
)
async def get_reminder_preferences(actor: LowCitizenApi, read: Read) -> ReminderPreferencesOut:
    """What was chosen, else the usual."""
    return _preferences(await preferences.preferences_of(read, actor.person_id))


@router.put(
    "/me/reminders",
    operation_id="choose_reminder_preferences",
    summary="Choose which reminders I want",
    responses=problem_responses(Unauthorized),
)
async def choose_reminder_preferences(
    actor: LowCitizenApi, tx: Tx, body: ReminderPreferencesIn
) -> ReminderPreferencesOut:
    """From now on; the same again changes nothing."""
    wanted = Preferences(frozenset(body.moments), body.channel)
    await preferences.choose(tx, actor, wanted)
    return _preferences(wanted)


def _preferences(wanted: Preferences) -> ReminderPreferencesOut:
    moments = [moment for moment in Moment if moment in wanted.moments]
    return ReminderPreferencesOut.model_validate({"moments": moments, "channel": wanted.channel})


@router.get(
    "/me/statement-subscription",
    operation_id="get_statement_subscription",
    summary="Whether I am notified of my yearly statement",
    responses=problem_responses(Unauthorized),
)
async def get_statement_subscription(actor: CitizenApi, read: Read) -> StatementSubscription:
    """A message each January, without figures; off unless the person turned it on."""
    return StatementSubscription(is_wanted=await yearly_statements.subscribed_since(read, actor.person_id) is not None)


@router.put(
    "/me/statement-subscription",
    operation_id="choose_statement_subscription",
    summary="Turn the message about my yearly statement on or off",
    responses=problem_responses(Unauthorized),
)
async def choose_statement_subscription(
    actor: CitizenApi, tx: Tx, body: StatementSubscription
) -> StatementSubscription:
    """From now on; the same again changes nothing."""
    await yearly_statements.choose(tx, actor, is_wanted=body.is_wanted)
    return body


@router.get(
    "/messages/dead-letters",
    operation_id="list_dead_letter_messages",
    summary="Messages that could not be delivered",
    responses=STAFF,
)
async def list_dead_letter_messages(actor: StaffApi, read: Read) -> list[DeadLetterMessageOut]:
    """Oldest first, at most 200, each with its reason."""
    found = await dead_letter_messages(read, actor)
    people = {one.citizen_id for one in found if one.citizen_id is not None}
    record_views(actor, ViewContext.MESSAGE, dict.fromkeys(people))
    return [DeadLetterMessageOut.model_validate(message) for message in found]


@router.post(
    "/messages/{message_id}/retry",
    operation_id="retry_dead_letter_message",
    status_code=204,
    summary="Retry a dead-letter message",
    responses=STAFF | problem_responses(NotFound, CodeNotRetried, KeyReused),
)
async def retry_dead_letter_message(
    actor: StaffApi, tx: Tx, message_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """Its attempts are reset."""
    return await idempotent_change(tx, actor, key, request, lambda: service.retry_message(tx, actor, message_id))


@router.post(
    "/messages/{message_id}/resolve",
    operation_id="resolve_dead_letter_message",
    status_code=204,
    summary="The person was notified in another way",
    responses=STAFF | problem_responses(NotFound, KeyReused),
)
async def resolve_dead_letter_message(
    actor: StaffApi, tx: Tx, message_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """It isn't sent again."""
    return await idempotent_change(tx, actor, key, request, lambda: service.resolve_message(tx, actor, message_id))


@router.get(
    "/unaddressed-notices",
    operation_id="list_unaddressed_notices",
    summary="Notices for people without a contact",
    responses=STAFF,
)
async def list_unaddressed_notices(actor: StaffApi, read: Read) -> list[UnaddressedNoticeOut]:
    """Of the caller's units, oldest first, at most 200. Receptionists are shown appointments, not requests."""
    found = await unaddressed.open_notices(read, actor)
    record_views(actor, ViewContext.NOTICE, {one.person.id: one.notice.unit_id for one in found})
    return [UnaddressedNoticeOut.model_validate(one.notice) for one in found]


@router.post(
    "/unaddressed-notices/{notice_id}/resolve",
    operation_id="resolve_unaddressed_notice",
    status_code=204,
    summary="The person was notified",
    responses=STAFF | problem_responses(NotFound, KeyReused),
)
async def resolve_unaddressed_notice(
    actor: StaffApi, tx: Tx, notice_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """The first who resolved it stays on record."""
    return await idempotent_change(tx, actor, key, request, lambda: unaddressed.resolve(tx, actor, notice_id))
