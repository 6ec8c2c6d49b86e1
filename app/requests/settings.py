"""Settings of requests."""

from pydantic import Field

from app.kernel.settings import Settings, section


class RequestSettings(Settings):
    """The lease of officers on requests, and how long drafts are retained."""

    lease_minutes: int = Field(15, ge=1, le=480, description="Lease of an officer on a request without a heartbeat.")
    draft_days: int = Field(30, ge=1, le=365, description="Days that an unchanged draft is retained.")


def request_settings() -> RequestSettings:
    """The settings of requests in this process."""
    return section(RequestSettings)
