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
