"""Every setting there is: checked together when a process starts, and documented together."""

from collections.abc import Iterable
from difflib import get_close_matches

from app.appointments.settings import BookingSettings
from app.certificates.settings import SigningSettings
from app.clients.settings import ClientSettings
from app.demo.settings import DemoSettings
from app.documents.settings import StorageSettings
from app.identity.settings import IdentitySettings
from app.kernel.settings import PREFIX, section
from app.notifications.settings import MessagingSettings
from app.places.settings import AgencySettings
from app.registry.settings import AccessLogSettings
from app.requests.settings import RequestSettings
from app.web.settings import PageSettings


class PortalSettings(
    DemoSettings,
    RequestSettings,
    AccessLogSettings,
    SigningSettings,
    StorageSettings,
    MessagingSettings,
    IdentitySettings,
    ClientSettings,
    BookingSettings,
    AgencySettings,
    PageSettings,
):
    """The settings of all packages."""


def portal_settings() -> PortalSettings:
    """All settings in this process.

    Raises:
        SettingsError: ends the process with a sentence for each setting that is wrong.
    """
    return section(PortalSettings)


OTHER_NAMES = frozenset({f"{PREFIX}STAFF_PASSWORD", f"{PREFIX}ARGS"})
"""Names of the environment that commands and tools read, and that are no settings."""


def unknown_settings(names: Iterable[str]) -> dict[str, str | None]:
    """Return each name that begins as a setting and is none, with the setting that it may be meant for."""
    known = [f"{PREFIX}{name.upper()}" for name in PortalSettings.model_fields]
    unknown = sorted(name for name in names if name.startswith(PREFIX) and name not in {*known, *OTHER_NAMES})
    return {name: next(iter(get_close_matches(name, known, n=1, cutoff=0.8)), None) for name in unknown}


def unknown_settings_text(names: Iterable[str]) -> list[str]:
    """Return a sentence for each of them: a misspelt setting has no effect, and nothing else would say so."""
    meant = unknown_settings(names)
    hints = {name: f": is it meant to be {near}?" if near else " (docs/settings.md)" for name, near in meant.items()}
    return [f"{name} is no setting and has no effect{hint}" for name, hint in hints.items()]
