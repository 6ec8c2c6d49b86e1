"""Account notifications, sent to every known contact of the person, with a link to report that it wasn't them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.rules import may_freeze
from app.identity.service.account_freeze import REPORTED_EVENTS, sign_report_link
from app.kernel.actor import Assurance
from app.kernel.consumers import Event
from app.notifications import contacts
from app.notifications.composers.notices import MessageText, Notice, address_of, for_each, notice_of, say
from app.notifications.contacts import Recipient

KINDS = REPORTED_EVENTS


async def compose(session: AsyncSession, event: Event) -> list[Notice]:
    """Compose messages to every known contact: the account's, the registry's, and recent ones of the account.

    The link is included only for contacts verified at least as well as the change: an impostor who opened an account
    is notified, but can't lock out its owner.
    """
    if event.person_id is None:
        return []
    # What doesn't say how surely it was done (codes of the desk, consents) needs the full level.
    act = Assurance(event.payload.get("assurance", Assurance.FULL))
    known = await contacts.known_contacts(session, event.person_id)
    link = sign_report_link(event.id)
    whose = {
        channel: await contacts.masked_name_of(session, event.person_id, channel)
        for channel in {one.recipient.channel for one in known}
    }
    able = {one.recipient for one in known if may_freeze(one.assurance, act)}

    def to(reader: Recipient) -> Notice:
        url = address_of(reader.language, f"/no-fui-yo/{link}") if reader in able else None
        return notice_of(reader, about_account(event.type, whose[reader.channel], channel=reader.channel, url=url))

    return for_each([one.recipient for one in known], to)


def about_account(kind: str, whose: str, *, channel: str, url: str | None) -> MessageText:
    """The message about an account, in the current language."""
    return say(kind, {"persona": whose, "enlace": url}, channel=channel, link=url)
