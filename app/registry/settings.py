"""Settings of the access log."""

from pydantic import Field

from app.kernel.settings import Settings, section


class AccessLogSettings(Settings):
    """How long the record of who saw whose data is retained."""

    access_log_days: int = Field(
        2_557,
        ge=365,
        le=7_305,
        description="Days that the record of who saw whose data is retained. Seven years unless set: until then grave "
        "offences of public servants can be punished (Ley General de Responsabilidades Administrativas, art. 74).",
    )

    @property
    def access_log_years(self) -> int:
        """The same in whole years, for people."""
        return round(self.access_log_days / 365.25)


def access_log_settings() -> AccessLogSettings:
    """The settings of the access log in this process."""
    return section(AccessLogSettings)
