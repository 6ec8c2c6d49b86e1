"""Devices that an account signed in from before: a cookie that only we can write, and nothing to store.

The cookie is `id.mac` and one mark for each account the device is known to. It opens nothing: its failures are counted
by themselves, so that strangers' tries never slow the owner's own device down (OWASP, "device cookies").
"""

from app.kernel import crypto, ids

MAX_ACCOUNTS = 6
COOKIE_SECONDS = 400 * 86_400
"""The longest that browsers keep one."""
MAX_LENGTH = 400
_MAC_LENGTH = 16
_PURPOSE = "known-device"


def device_id(cookie: str) -> str | None:
    """The id of a device cookie that is ours; None for anything else."""
    parts = cookie[:MAX_LENGTH].split(".")
    if len(parts) < 2 or not _is_mac(parts[1], "id", parts[0]):
        return None
    return parts[0]


def is_known(cookie: str, account: str) -> bool:
    """Whether this account signed in from this device before."""
    identifier = device_id(cookie)
    if identifier is None:
        return False
    return any(_is_mac(mark, "account", identifier, account) for mark in cookie[:MAX_LENGTH].split(".")[2:])


def add_account(cookie: str, account: str) -> str:
    """The cookie of a device that this account just signed in from."""
    identifier = device_id(cookie) or ids.new_secret(12)
    mark = _mac("account", identifier, account)
    earlier = cookie.split(".")[2:] if device_id(cookie) else []
    marks = [mark, *(one for one in earlier if one != mark)][:MAX_ACCOUNTS]
    return ".".join([identifier, _mac("id", identifier), *marks])


def _mac(*parts: str) -> str:
    return crypto.hmac_digest(_PURPOSE, "\n".join(parts)).hex()[: 2 * _MAC_LENGTH]


def _is_mac(mark: str, *parts: str) -> bool:
    try:
        written = bytes.fromhex(mark)
    except ValueError:
        return False
    return crypto.verify_hmac_digest(_PURPOSE, "\n".join(parts), written, length=_MAC_LENGTH)
