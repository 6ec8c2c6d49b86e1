"""Settings of the demonstration."""

from pydantic import Field

from app.kernel.settings import Settings


class DemoSettings(Settings):
    """Whether demonstration data is loaded, and how much."""

    demo_data: bool = Field(True, description="Load demonstration data on first start (never in production).")
    demo_people: int = Field(2_000, ge=10, le=5_000_000, description="How many people the demonstration data has.")
    demo_history_days: int | None = Field(
        None,
        ge=0,
        le=400,
        description="Days of history of the demonstration, until yesterday; by default a year and more.",
    )
