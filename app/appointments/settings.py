"""Settings of booking."""

from datetime import time

from pydantic import Field, field_validator

from app.kernel.settings import Settings, section


class BookingSettings(Settings):
    """How long a slot is held, when a freed one is offered again, and how far ahead people book."""

    hold_minutes: int = Field(5, ge=1, le=30, description="How long a slot is held while a person confirms.")
    holds_per_day: int = Field(
        20,
        ge=1,
        le=1_000_000,
        description="How often a person may hold a slot on a day, so that no one keeps slots from others.",
    )
    release_delay_seconds: int = Field(
        120,
        ge=0,
        le=86_400,
        description="Delay before a freed slot is offered again, so that bots gain nothing.",
    )
    horizon_days: int = Field(30, ge=1, le=180, description="Days ahead for which slots are generated and offered.")
    booking_opens_at: time = Field(
        time(7),
        description="The hour, by each unit's clock, at which the newest of those days can be booked.",
    )

    @field_validator("booking_opens_at")
    @classmethod
    def _hour_of_each_clock(cls, hour: time) -> time:
        if hour.tzinfo is not None:
            raise ValueError("is written without a zone, like 07:00: it is the hour of each unit's own clock")
        return hour


def booking_settings() -> BookingSettings:
    """The settings of booking in this process."""
    return section(BookingSettings)
