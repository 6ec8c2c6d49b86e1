"""Every setting there is: checked together when a process starts, and documented together."""

from app.appointments.settings import BookingSettings
from app.certificates.settings import SigningSettings
from app.demo.settings import DemoSettings
from app.documents.settings import StorageSettings
from app.identity.settings import IdentitySettings
from app.kernel.settings import section
from app.notifications.settings import MessagingSettings
from app.places.settings import AgencySettings
from app.registry.settings import AccessLogSettings
from app.requests.settings import RequestSettings


class PortalSettings(
    DemoSettings,
    RequestSettings,
    AccessLogSettings,
    SigningSettings,
    StorageSettings,
    MessagingSettings,
    IdentitySettings,
    BookingSettings,
    AgencySettings,
):
    """The settings of all packages."""


def portal_settings() -> PortalSettings:
    """All settings in this process.

    Raises:
        SettingsError: ends the process with a sentence for each setting that is wrong.
    """
    return section(PortalSettings)
