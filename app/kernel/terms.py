"""Settings that rooms need, handed out by the kernel so that no room reads the environment."""

from dataclasses import dataclass
from functools import lru_cache

from app.kernel.settings import get_settings


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """How long a seat is kept, how long it rests when freed, and how far ahead the book is open."""

    hold_minutes: int
    cool_down_seconds: int
    horizon_days: int


@lru_cache
def booking_terms() -> BookingTerms:
    """The terms of booking in force in this process."""
    settings = get_settings()
    return BookingTerms(settings.hold_minutes, settings.cool_down_seconds, settings.horizon_days)


@dataclass(frozen=True, slots=True)
class IdentityTerms:
    """How long codes, sessions and tokens live, what a password hash costs, and where people reach the portal."""

    access_token_minutes: int
    refresh_token_days: int
    session_idle_minutes: int
    session_hours: int
    code_minutes: int
    argon2_memory_kib: int
    secure_cookies: bool
    base_url: str


@lru_cache
def identity_terms() -> IdentityTerms:
    """The terms of sign-in in force in this process."""
    settings = get_settings()
    return IdentityTerms(
        access_token_minutes=settings.access_token_minutes,
        refresh_token_days=settings.refresh_token_days,
        session_idle_minutes=settings.session_idle_minutes,
        session_hours=settings.session_hours,
        code_minutes=settings.code_minutes,
        argon2_memory_kib=settings.argon2_memory_kib,
        secure_cookies=settings.secure_cookies,
        base_url=settings.base_url,
    )
