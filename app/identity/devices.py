"""Known devices of an account: an authenticated cookie, with nothing stored on the server.

The cookie is `id.mac` plus one MAC for each account that signed in from the device. It grants no access: failures from
a known device are counted separately, so that attempts from elsewhere never slow it down (OWASP, "device cookies").
"""

from app.kernel import crypto, ids

MAX_ACCOUNTS = 6
COOKIE_SECONDS = 400 * 86_400
"""The longest lifetime that browsers accept."""
MAX_LENGTH = 400
_MAC_LENGTH = 16
_PURPOSE = "known-device"


def device_id(cookie: str) -> str | None:
    """Return the id of an authentic device cookie, else None."""
    parts = cookie[:MAX_LENGTH].split(".")
    if len(parts) < 2 or not _is_mac(parts[1], "id", parts[0]):
        return None
    return parts[0]


def is_known(cookie: str, account: str) -> bool:
    """Whether this account signed in from this device before."""
    identifier = device_id(cookie)
    if identifier is None:
        return False
    return any(_is_mac(tag, "account", identifier, account) for tag in cookie[:MAX_LENGTH].split(".")[2:])


def add_account(cookie: str, account: str) -> str:
    """Return the device cookie with this account added."""
    identifier = device_id(cookie) or ids.new_secret(12)
    tag = _mac("account", identifier, account)
    earlier = cookie.split(".")[2:] if device_id(cookie) else []
    tags = [tag, *(one for one in earlier if one != tag)][:MAX_ACCOUNTS]
    return ".".join([identifier, _mac("id", identifier), *tags])


def _mac(*parts: str) -> str:
    return crypto.hmac_digest(_PURPOSE, "\n".join(parts)).hex()[: 2 * _MAC_LENGTH]


def _is_mac(tag: str, *parts: str) -> bool:
    try:
        written = bytes.fromhex(tag)
    except ValueError:
        return False
    return crypto.verify_hmac_digest(_PURPOSE, "\n".join(parts), written, length=_MAC_LENGTH)
