"""The mail to the contact of a webhook that was disabled because of its endpoint: a template, as all messages."""

from datetime import UTC
from uuid import UUID, uuid5

from app.kernel.db import transaction
from app.kernel.i18n import use_language
from app.notifications import service
from app.notifications.composers.notices import Values, notice_of, say
from app.notifications.contacts import EMAIL, Recipient
from app.notifications.push_copies import Composed
from app.notifications.rules import WEBHOOK_DISABLED
from app.notifications.templates import store
from app.webhooks.models import Webhook
from app.webhooks.rules import DisabledBecause

LANGUAGE = "es"
"""Contacts have chosen none."""


async def notify_disabled(webhook_id: UUID) -> None:
    """Enqueue the mail; repeated, it is the same one."""
    async with transaction() as session:
        webhook = await session.get(Webhook, webhook_id)
        if webhook is None or webhook.disabled_at is None or webhook.disabled_because == DisabledBecause.STAFF:
            return
        await store.refresh(session)
        since = (webhook.failing_since or webhook.disabled_at).astimezone(UTC)
        values: Values = {
            "nombre": webhook.name,
            "fallando": webhook.disabled_because == DisabledBecause.FAILING,
            "ya_no_existe": webhook.disabled_because == DisabledBecause.REFUSED,
            "desde": f"{since:%Y-%m-%d %H:%M}",
        }
        with use_language(LANGUAGE):
            text = say(WEBHOOK_DISABLED, values, channel=EMAIL)
        reader = Recipient(webhook.id, EMAIL, webhook.contact, LANGUAGE)
        cause = uuid5(webhook.id, str(webhook.version))
        composed = Composed(cause, WEBHOOK_DISABLED, webhook.id, notice_of(reader, text))
        added = await service.add_notices(session, [composed])
        await service.enqueue_messages(session, added)
