"""The mail to the contact of a webhook whose endpoint failed for days."""

from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

import structlog

from app.kernel import clock
from app.kernel.db import reading
from app.kernel.i18n import N_, gettext
from app.notifications.settings import messaging_settings
from app.notifications.transport import send_mail
from app.webhooks.models import Webhook
from app.webhooks.rules import DisabledBecause

log = structlog.get_logger(__name__)

SUBJECT = N_("Se desactivó el webhook «%(name)s»")
BODY = N_(
    "El portal ya no envía sucesos a «%(name)s».\n\nMotivo: %(why)s\n\nLos sucesos de este tiempo no se pierden: cuando"
    " el sistema responda otra vez, pida a la administración del portal que lo active y los reenvíe desde %(since)s"
    " (UTC)."
)
WHY = {
    DisabledBecause.FAILING: N_("todos los intentos de los últimos tres días fallaron."),
    DisabledBecause.REFUSED: N_("su dirección respondió 410, que quiere decir que ya no existe."),
}


async def notify_disabled(webhook_id: UUID) -> None:
    """Mail the contact of a webhook that was disabled because of its endpoint."""
    async with reading() as session:
        webhook = await session.get(Webhook, webhook_id)
    settings = messaging_settings()
    if webhook is None or webhook.disabled_at is None or webhook.disabled_because == DisabledBecause.STAFF:
        return
    if settings.smtp_host is None:
        log.warning("webhook_notice_not_sent", webhook_id=str(webhook_id), reason="no mail server is configured")
        return
    since = (webhook.failing_since or webhook.disabled_at).astimezone(UTC).isoformat(" ", "minutes").partition("+")[0]
    why = gettext(WHY[DisabledBecause(webhook.disabled_because or "")])
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = webhook.contact
    mail["Subject"] = gettext(SUBJECT) % {"name": webhook.name}
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<webhook-{webhook.id}-{webhook.version}@ventanilla>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(gettext(BODY) % {"name": webhook.name, "why": why, "since": since})
    await send_mail(settings, mail)
