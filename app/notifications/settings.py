"""Settings of messages."""

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from app.kernel.settings import Settings, section
from app.notifications.report_signatures import parse_secrets

LONGEST_BOUNCE_NAME = 20
"""Before the token of the message: a name has at most 64 letters (RFC 5321)."""


class MessagingSettings(Settings):
    """The mail server and the SMS gateway, if there are any."""

    smtp_host: str | None = Field(None, description="Mail server. Empty: messages stay on the development page.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_username: str | None = Field(None, description="User for the mail server.")
    smtp_password: SecretStr | None = Field(None, description="Password for the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How mail is encrypted.")
    smtp_deduplicates: bool = Field(
        False,
        description="The mail server drops a second mail of the same Message-ID: a reminder that may have left is then"
        " sent again.",
    )
    mail_from: str = Field(
        "Ventanilla <no-responder@localhost>",
        description="Sender of the portal's messages, and organizer in calendars.",
    )
    sms_url: str | None = Field(
        None,
        description="Gateway for text messages: gets a POST of JSON `{to, text, id}`. Empty: like `smtp_host`.",
    )
    bounce_address: str | None = Field(
        None,
        description="Address to which bounces come, such as `rebotes@citas.example.mx`; mail to `rebotes+...@` must"
        " reach the same mailbox. Empty: bounces come to the sender, and aren't read.",
    )
    bounce_mailbox: Path | None = Field(
        None, description="Maildir folder or mbox file of that address, read each minute; what was read is deleted."
    )
    report_secret: SecretStr | None = Field(
        None,
        description="Secret by which reports of delivery are signed: `whsec_` and base64 of 24 bytes or more; two with"
        " a space between while one replaces the other. Empty: none are taken.",
    )
    sms_token: SecretStr | None = Field(None, description="Bearer token for the text-message gateway.")
    push_contact: str = Field(
        "",
        description="Whom push services ask about the portal: `mailto:` and an address, or an `https` page. Empty: the"
        " address of `mail_from`.",
    )

    @property
    def push_sender(self) -> str:
        """Whom push services ask about the portal."""
        return self.push_contact or f"mailto:{parseaddr(self.mail_from)[1]}"

    @field_validator("push_contact")
    @classmethod
    def _push_services_can_ask(cls, written: str) -> str:
        if written and not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://[!-~]+", written):
            raise ValueError("must be mailto: and an address, or an https page")
        return written

    @field_validator("bounce_address")
    @classmethod
    def _bounces_have_an_address(cls, written: str | None) -> str | None:
        local, _at, domain = (written or "").rpartition("@")
        is_right = 0 < len(local) <= LONGEST_BOUNCE_NAME and domain and written and re.fullmatch(r"[!-~]+", written)
        if written and not is_right:
            raise ValueError("must be an address with at most 20 letters before its @, such as rebotes@example.mx")
        return written or None

    @field_validator("report_secret")
    @classmethod
    def _secret_is_read(cls, written: SecretStr | None) -> SecretStr | None:
        if written is not None:
            parse_secrets(written.get_secret_value())
        return written if written and written.get_secret_value() else None

    @field_validator("mail_from")
    @classmethod
    def _sender_has_an_address(cls, written: str) -> str:
        if "@" not in parseaddr(written)[1] or not written.isprintable():
            raise ValueError("must be a name and an address, such as Citas <citas@example.mx>")
        return written


def messaging_settings() -> MessagingSettings:
    """The settings of messages in this process."""
    return section(MessagingSettings)
