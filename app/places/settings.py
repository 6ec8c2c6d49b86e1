"""The agency that runs the portal."""

from pydantic import Field

from app.kernel.settings import Settings, section


class AgencySettings(Settings):
    """The agency's name and telephone."""

    help_phone: str = Field("800 000 0000", description="Telephone shown on every page.")
    agency_name: str = Field("Ventanilla", description="Name shown in the header of every page.")


def agency_settings() -> AgencySettings:
    """The agency's settings in this process."""
    return section(AgencySettings)
