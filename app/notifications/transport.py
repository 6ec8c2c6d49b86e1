"""Transports: a mail server (SMTP) and an SMS gateway (HTTP)."""

import asyncio
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from app.kernel import clock
from app.notifications.calendars import method_of
from app.notifications.composers.notices import MessageText
from app.notifications.connections import MailClient, shared_connections
from app.notifications.models import Message
from app.notifications.settings import MessagingSettings

TOTAL_SECONDS = 60
PERMANENT = 500
CLIENT_ERROR = range(400, 500)
TRY_LATER = frozenset({408, 425, 429, 401, 403})
CONTACT_ERRORS = (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError)
"""Answers of a mail server about the recipient or the message; the others are about the server."""


class Refused(Exception):  # noqa: N818 # the remote end rejected it permanently
    """Rejected permanently: retrying is useless."""


class NotConfigured(Refused):
    """There is no server to send it by."""


class Uncertain(Exception):  # noqa: N818 # says a state
    """It may have been accepted: the response was lost."""


def mail_of(message: Message, content: MessageText, sender: str) -> EmailMessage:
    """Build the e-mail: plain text, and the same as HTML. Its Message-ID is stable: duplicates can be recognised.

    The calendar file is there twice: beside the text as another form of it (RFC 6047), which mail programs act on, and
    as an attachment to open by hand, of a type that they don't take for a second invitation.
    """
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.recipient
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.id}@ventanilla>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content.body)
    if content.html is not None:
        mail.add_alternative(content.html, subtype="html")
    if message.calendar is not None:
        file = message.calendar.encode()
        parameters = {"charset": "utf-8", "method": method_of(message.calendar)}
        mail.add_alternative(file, maintype="text", subtype="calendar", params=parameters)
        mail.add_attachment(file, maintype="application", subtype="ics", filename="cita.ics")
    # Last, because setting the content removes existing Content- headers.
    mail["Content-Language"] = message.language
    return mail


async def send_mail(settings: MessagingSettings, mail: EmailMessage, sender: str | None = None) -> None:
    """Send the mail to the server. `sender`: where its bounces come to, and reports, from servers that give them.

    Raises:
        Refused: the server rejects the recipient or the message permanently (5xx).
        Uncertain: the connection broke or timed out after transmission had begun.
        aiosmtplib.SMTPException, OSError: not sent; may be retried.
    """
    client: MailClient | None = None
    try:
        async with (
            shared_connections() as connections,
            asyncio.timeout(TOTAL_SECONDS),
            connections.mail_client(settings) as client,
        ):
            wants_reports = sender is not None and client.supports_extension("dsn")
            await client.send_message(
                mail,
                sender=sender,
                mail_options=["RET=HDRS"] if wants_reports else None,
                rcpt_options=["NOTIFY=SUCCESS,FAILURE,DELAY"] if wants_reports else None,
            )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(one.code >= PERMANENT for one in error.recipients):
            raise Refused("; ".join(f"{one.code} {one.message}" for one in error.recipients)) from error
        raise
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        if error.code >= PERMANENT:
            raise Refused(f"{error.code} {error.message}") from error
        raise
    except (OSError, aiosmtplib.SMTPException) as error:  # includes timeouts and lost connections
        if client is not None and client.has_begun_data and not isinstance(error, aiosmtplib.SMTPResponseException):
            raise Uncertain(f"{type(error).__name__}: {error}") from error
        raise


async def send_sms(settings: MessagingSettings, message: Message, text: str) -> None:
    """Send the text to the gateway, which must deduplicate by `id`, also sent as Idempotency-Key.

    Raises:
        Refused: the gateway rejects this number or text permanently (4xx).
        httpx.HTTPError: may be retried.
    """
    assert settings.sms_url is not None
    headers = {"Idempotency-Key": f'"{message.id}"'}
    if settings.sms_token:
        headers["Authorization"] = f"Bearer {settings.sms_token.get_secret_value()}"
    async with shared_connections() as connections:
        answer = await connections.gateway_client().post(
            settings.sms_url, json={"id": str(message.id), "to": message.recipient, "text": text}, headers=headers
        )
    if answer.status_code in CLIENT_ERROR and answer.status_code not in TRY_LATER:
        raise Refused(f"{answer.status_code} {answer.text[:200]}")
    answer.raise_for_status()
