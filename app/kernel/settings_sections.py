"""Sections of the settings, provided by the kernel so that packages don't read the environment."""

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
    """Duration of holds, release delay of freed slots, booking horizon in days, and the local hour at which a new day
    opens."""

    hold_minutes: int
    release_delay_seconds: int
    horizon_days: int
    opens_at: time


@lru_cache
def booking_settings() -> BookingSettings:
    """Return the settings of booking in this process."""
    settings = get_settings()
    return BookingSettings(
        settings.hold_minutes, settings.release_delay_seconds, settings.horizon_days, settings.booking_opens_at
    )


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Lifetimes of codes, sessions and tokens, cost of password hashes, and the portal's URL."""

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
    """Return the settings of sign-in in this process."""
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
    """Return the networks where many people share an address, in this process."""
    return parse_networks(get_settings().known_networks)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The agency's name and telephone on every page, and whether this is a development machine."""

    agency_name: str
    help_phone: str
    base_url: str
    is_production: bool


@lru_cache
def site_settings() -> SiteSettings:
    """Return the settings of the pages in this process."""
    settings = get_settings()
    return SiteSettings(settings.agency_name, settings.help_phone, settings.base_url, settings.is_production)


@dataclass(frozen=True, slots=True)
class MessagingSettings:
    """Transports of messages: mail server and SMS gateway, if configured."""

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
    """Return the settings of messages in this process."""
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
    """Location of stored files, size limit, and virus scanner."""

    storage_url: str | None
    folder: Path
    max_bytes: int
    inspections: int
    clamd_host: str | None
    clamd_port: int


@lru_cache
def storage_settings() -> StorageSettings:
    """Return the settings of files in this process."""
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
    """Lease of officers on requests, and retention of drafts."""

    lease_minutes: int
    draft_days: int


@lru_cache
def request_settings() -> RequestSettings:
    """Return the settings of requests in this process."""
    settings = get_settings()
    return RequestSettings(settings.lease_minutes, settings.draft_days)


@dataclass(frozen=True, slots=True)
class AccessLogSettings:
    """Retention of the access log."""

    days: int

    @property
    def years(self) -> int:
        """The same in whole years, for people."""
        return round(self.days / 365.25)


@lru_cache
def access_log_settings() -> AccessLogSettings:
    """Return the settings of the access log in this process."""
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
    """Return the settings of certificates in this process."""
    return signing_settings_of(get_settings())


def signing_settings_of(settings: Settings) -> SigningSettings:
    """Derive the settings of certificates."""
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
