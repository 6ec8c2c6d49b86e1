"""Settings that rooms need, handed out by the kernel so that no room reads the environment."""

from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from app.kernel.rate_limit_rules import KnownNetwork, parse_networks
from app.kernel.settings import Settings, get_settings


@dataclass(frozen=True, slots=True)
class BookingSettings:
    """How long a seat is held, how long it waits when freed, how many days ahead can be booked, and at which hour of
    the unit's clock the newest of them opens."""

    hold_minutes: int
    release_delay_seconds: int
    horizon_days: int
    opens_at: time


@lru_cache
def booking_settings() -> BookingSettings:
    """The terms of booking in force in this process."""
    settings = get_settings()
    return BookingSettings(
        settings.hold_minutes, settings.release_delay_seconds, settings.horizon_days, settings.booking_opens_at
    )


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """How long codes, sessions and tokens live, what a password hash costs, and where people reach the portal."""

    access_token_minutes: int
    refresh_token_days: int
    refresh_family_days: int
    staff_token_hours: int
    session_idle_minutes: int
    session_hours: int
    code_minutes: int
    argon2_memory_kib: int
    secure_cookies: bool
    base_url: str


@lru_cache
def identity_settings() -> IdentitySettings:
    """The terms of sign-in in force in this process."""
    settings = get_settings()
    return IdentitySettings(
        access_token_minutes=settings.access_token_minutes,
        refresh_token_days=settings.refresh_token_days,
        refresh_family_days=settings.refresh_family_days,
        staff_token_hours=settings.staff_token_hours,
        session_idle_minutes=settings.session_idle_minutes,
        session_hours=settings.session_hours,
        code_minutes=settings.code_minutes,
        argon2_memory_kib=settings.argon2_memory_kib,
        secure_cookies=settings.secure_cookies,
        base_url=settings.base_url,
    )


@lru_cache
def known_networks() -> tuple[KnownNetwork, ...]:
    """The networks where many people share an address, in force in this process."""
    return parse_networks(get_settings().known_networks)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What every page says of the agency, and whether this is a development machine."""

    agency_name: str
    help_phone: str
    base_url: str
    is_production: bool


@lru_cache
def site_settings() -> SiteSettings:
    """The terms of the pages in force in this process."""
    settings = get_settings()
    return SiteSettings(settings.agency_name, settings.help_phone, settings.base_url, settings.is_production)


@dataclass(frozen=True, slots=True)
class MessagingSettings:
    """How messages leave: the mail server and the text-message gateway, where there are any."""

    smtp_host: str | None
    smtp_port: int
    smtp_username: str | None
    smtp_password: str | None
    smtp_security: Literal["starttls", "tls", "none"]
    mail_from: str
    sms_url: str | None
    sms_token: str | None
    base_url: str
    is_production: bool


@lru_cache
def messaging_settings() -> MessagingSettings:
    """The terms of messages in force in this process."""
    settings = get_settings()
    return MessagingSettings(
        smtp_host=settings.smtp_host,
        smtp_port=settings.smtp_port,
        smtp_username=settings.smtp_username,
        smtp_password=_revealed(settings.smtp_password),
        smtp_security=settings.smtp_security,
        mail_from=settings.mail_from,
        sms_url=settings.sms_url,
        sms_token=_revealed(settings.sms_token),
        base_url=settings.base_url,
        is_production=settings.is_production,
    )


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where files are kept, how large one may be, and who scans them."""

    storage_url: str | None
    folder: Path
    max_bytes: int
    inspections: int
    clamd_host: str | None
    clamd_port: int


@lru_cache
def storage_settings() -> StorageSettings:
    """The terms of files in force in this process."""
    settings = get_settings()
    return StorageSettings(
        storage_url=settings.storage_url,
        folder=settings.data_dir.resolve() / "files",
        max_bytes=settings.max_upload_bytes,
        inspections=settings.inspections_at_once,
        clamd_host=settings.clamd_host,
        clamd_port=settings.clamd_port,
    )


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """How long an officer keeps a request, and a draft is kept."""

    lease_minutes: int
    draft_days: int


@lru_cache
def request_settings() -> RequestSettings:
    """The terms of requests in force in this process."""
    settings = get_settings()
    return RequestSettings(settings.lease_minutes, settings.draft_days)


@dataclass(frozen=True, slots=True)
class AccessLogSettings:
    """How long the record of who saw whose data is retained."""

    days: int

    @property
    def years(self) -> int:
        """The same in whole years, for people."""
        return round(self.days / 365.25)


@lru_cache
def access_log_settings() -> AccessLogSettings:
    """The terms of the access log in force in this process."""
    return AccessLogSettings(get_settings().access_log_days)


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """The key that signs certificates, and where people verify them."""

    key: Path | None
    password: str | None
    development_key: Path
    base_url: str
    agency_name: str
    is_production: bool


@lru_cache
def signing_settings() -> SigningSettings:
    """The terms of certificates in force in this process."""
    return signing_settings_of(get_settings())


def signing_settings_of(settings: Settings) -> SigningSettings:
    """The terms of certificates that these settings give."""
    return SigningSettings(
        key=settings.signing_key,
        password=_revealed(settings.signing_password),
        development_key=settings.data_dir.resolve() / "signing-development.p12",
        base_url=settings.base_url,
        agency_name=settings.agency_name,
        is_production=settings.is_production,
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
