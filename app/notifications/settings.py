"""Settings of messages."""

from email.utils import parseaddr
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from app.kernel.settings import Settings, section


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
    sms_token: SecretStr | None = Field(None, description="Bearer token for the text-message gateway.")

    @field_validator("mail_from")
    @classmethod
    def _sender_has_an_address(cls, written: str) -> str:
        if "@" not in parseaddr(written)[1] or not written.isprintable():
            raise ValueError("must be a name and an address, such as Citas <citas@example.mx>")
        return written


def messaging_settings() -> MessagingSettings:
    """The settings of messages in this process."""
    return section(MessagingSettings)
