"""Push notices beside other messages: who is notified of something by mail or text message is notified in their
browsers too, unless it is a code or another secret.

A notice is a message of its own, of the channel `push`; its recipient is the id of the subscription. Its text is the
template's, without data, and is rendered only for sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.i18n import use_language
from app.notifications import push_subscriptions
from app.notifications.composers.notices import Notice, push_text
from app.notifications.contacts import PUSH, Recipient
from app.notifications.templates.declarations import Part
from app.notifications.templates.defaults import templates


@dataclass(frozen=True, slots=True)
class Composed:
    """A message with the ids of its cause and its subject, before it is stored."""

    cause: UUID
    kind: str
    subject_id: UUID
    notice: Notice


def is_pushed(template_id: str) -> bool:
    """Whether browsers are notified of this."""
    template = templates().get(template_id)
    return template is not None and Part.PUSH in template.parts


async def copies_of(session: AsyncSession, composed: Sequence[Composed]) -> list[Composed]:
    """Return the notices for the browsers of the recipients of these messages. A browser that was turned on at the low
    level of assurance gets only what a contact of that level does."""
    wanted = [one for one in composed if is_pushed(template_of(one))]
    people = {one.notice.recipient.person_id for one in wanted}
    live = await push_subscriptions.live_of(session, sorted(people))
    found: dict[tuple[UUID, UUID], Composed] = {}
    for browser in live:
        for one in wanted:
            reader = one.notice.recipient
            if reader.person_id == browser.person_id and browser.assurance.reaches(reader.assurance):
                copied = Recipient(browser.person_id, PUSH, str(browser.id), browser.language, browser.assurance)
                found.setdefault((one.cause, browser.id), _copy(one, copied))
    return list(found.values())


def template_of(one: Composed) -> str:
    """The template of a message; of one whose text isn't rendered yet, that of its kind."""
    return one.notice.text.template if one.notice.text is not None else one.kind


def _copy(one: Composed, reader: Recipient) -> Composed:
    with use_language(reader.language):
        text = push_text(template_of(one))
    return Composed(one.cause, one.kind, one.subject_id, Notice(reader, text.subject, text=text))
