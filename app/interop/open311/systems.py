"""Where Open311 is, and the name of the jurisdiction."""

from urllib.parse import urlsplit

from app.interop.open311.problems import JurisdictionUnknown
from app.kernel.settings import get_settings

PREFIX = "/open311/"
PATH = "/open311/v2"


def base() -> str:
    """The address of the endpoint."""
    return get_settings().base_url + PATH


def jurisdiction() -> str:
    """The name of the site, without www, as the standard suggests."""
    return (urlsplit(get_settings().base_url).hostname or "").removeprefix("www.")


def require_jurisdiction(named: str) -> None:
    """Refuse a request for another one. There is one here, so none needs to be named.

    Raises:
        JurisdictionUnknown.
    """
    if named.strip() and named.strip().lower().removeprefix("www.") != jurisdiction():
        raise JurisdictionUnknown(jurisdiction=jurisdiction())
