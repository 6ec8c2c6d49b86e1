"""The text of a message at the moment of sending: its template as it is then, with the values that were stored."""

from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.i18n import N_, use_language
from app.kernel.i18n import gettext as _
from app.notifications.composers import codes, reminders, wait_list
from app.notifications.composers.notices import MessageText, say, unchanged, written
from app.notifications.composers.reminders import REMINDER
from app.notifications.models import Message, Reminder
from app.notifications.reminder_rules import Decision
from app.notifications.templates import store
from app.notifications.templates.declarations import Wording
from app.notifications.templates.defaults import templates
from app.notifications.templates.rendering import compile_wording

TEST_SUBJECT = N_("Prueba: %(subject)s")


async def text_of(session: AsyncSession, message: Message) -> MessageText | None:
    """Return what to send now; None if it isn't to be sent any more, or not yet."""
    await store.refresh(session)
    if message.kind == REMINDER and message.body is None:
        return await _reminder_text(session, message)
    if message.kind == wait_list.OFFER and message.body is None:
        return await _offer_text(session, message)
    if message.body is None:
        return await codes.text_of(session, message)
    with use_language(message.language):
        return _stored_text(message)


def _stored_text(message: Message) -> MessageText:
    template = templates().get(message.template or "")
    if template is None or message.data is None:  # a release before this one wrote it
        return unchanged(message.template or message.kind, message.subject, message.body or "", message.link)
    if message.draft is not None:
        compiled = compile_wording(template, message.language, Wording(**message.draft))
        tested = written(template.id, compiled, message.data, channel=message.channel)
        return replace(tested, subject=_(TEST_SUBJECT) % {"subject": tested.subject})
    return say(template.id, message.data, channel=message.channel, link=message.link)


async def _offer_text(session: AsyncSession, message: Message) -> MessageText | None:
    """Return the text of an offer of the wait list that is still open; else it is dropped."""
    offered = await wait_list.text_of(session, message)
    if offered is None:
        message.status, message.sending_at = "dropped", None
    return offered


async def _reminder_text(session: AsyncSession, message: Message) -> MessageText | None:
    """Return the text of a reminder that is still right; else it is dropped, or waits for the morning."""
    decision, content = await reminders.text_of(session, message)
    if decision is Decision.DROP:
        message.status, message.sending_at = "dropped", None
    elif decision is Decision.WAIT:
        message.attempts, message.sending_at = message.attempts - 1, None
        await session.execute(update(Reminder).where(Reminder.id == message.event_id).values(status="waiting"))
    return content
