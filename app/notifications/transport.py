"""The ways out: a mail server (SMTP) and a gateway for text messages (HTTP)."""

from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib
import httpx

from app.kernel import clock
from app.kernel.terms import MailTerms
from app.notifications.models import Message

TIMEOUT_SECONDS = 20
PERMANENT = 500
CLIENT_FAULT = range(400, 500)
TRY_LATER = frozenset({408, 425, 429, 401, 403})


class Refused(Exception):  # noqa: N818 # not ours: the other side said no, for good
    """The message will never be accepted: trying again is of no use."""


def mail_of(message: Message, body: str, sender: str) -> EmailMessage:
    """The message as an e-mail. Its Message-ID is ours and stable, so one sent twice is recognised as one."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.id}@ventanilla>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    if message.calendar is not None:
        method = "CANCEL" if "METHOD:CANCEL" in message.calendar else "PUBLISH"
        mail.add_attachment(
            message.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="cita.ics",
            params={"charset": "utf-8", "method": method},
        )
    # Last, because setting the content removes every Content- header that is there.
    mail["Content-Language"] = message.language
    return mail


async def send_mail(terms: MailTerms, mail: EmailMessage) -> None:
    """Hand the mail to the server.

    Raises:
        Refused: the server refuses the recipient or the message for good (5xx).
        aiosmtplib.SMTPException, OSError: it may work later.
    """
    assert terms.smtp_host is not None
    try:
        await aiosmtplib.send(
            mail,
            hostname=terms.smtp_host,
            port=terms.smtp_port,
            username=terms.smtp_username,
            password=terms.smtp_password,
            use_tls=terms.smtp_security == "tls",
            start_tls=terms.smtp_security == "starttls",
            timeout=TIMEOUT_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(one.code >= PERMANENT for one in error.recipients):
            raise Refused("; ".join(f"{one.code} {one.message}" for one in error.recipients)) from error
        raise
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        if error.code >= PERMANENT:
            raise Refused(f"{error.code} {error.message}") from error
        raise


async def send_sms(terms: MailTerms, message: Message, text: str) -> None:
    """Hand the text to the gateway, which must treat the same `id` as the same message.

    Raises:
        Refused: the gateway refuses this number or text for good (4xx).
        httpx.HTTPError: it may work later.
    """
    assert terms.sms_url is not None
    headers = {"Authorization": f"Bearer {terms.sms_token}"} if terms.sms_token else {}
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, headers=headers) as client:
        answer = await client.post(terms.sms_url, json={"id": str(message.id), "to": message.recipient, "text": text})
    if answer.status_code in CLIENT_FAULT and answer.status_code not in TRY_LATER:
        raise Refused(f"{answer.status_code} {answer.text[:200]}")
    answer.raise_for_status()
