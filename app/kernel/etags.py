"""Optimistic concurrency over HTTP: ETag and If-Match (RFC 9110, 8.8 and 13.1.1)."""

import re

from app.kernel.parsing import whole_number
from app.kernel.problems import PreconditionRequired, Stale

Versions = int | frozenset[int] | None
"""Versions to which a change may be applied; None means the current one."""

# An entity tag, or one written without its quotes, as many programs send a number.
_TAG = re.compile(r'\s*(?:(?P<weak>W/)?"(?P<quoted>[\x21\x23-\x7e\x80-\xff]*)"|(?P<bare>[^\s",]+))\s*(?:,|$)')

_LISTED = re.compile(r'(?:W/)?(?P<tag>"[\x21\x23-\x7e\x80-\xff]*")')


def etag(version: int | str) -> str:
    """The strong validator of a version."""
    return f'"{version}"'


def parse_if_match(if_match: str | None) -> frozenset[str] | None:
    """The tags that an If-Match header accepts, without their quotes; None for `*`.

    Weak tags are left out: If-Match compares strongly, so they match nothing. Neither does a header that is no list of
    tags.

    Raises:
        PreconditionRequired: no If-Match was sent.
    """
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() == "*":
        return None
    found: set[str] = set()
    at = 0
    while at < len(if_match):
        match = _TAG.match(if_match, at)
        if match is None:
            return frozenset()
        if not match["weak"]:
            found.add(match["quoted"] if match["quoted"] is not None else match["bare"])
        at = match.end()
    return frozenset(found)


def is_unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names this entity tag, or any (`*`). It compares weakly (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    opaque = tag.removeprefix("W/")
    return opaque in {match["tag"] for match in _LISTED.finditer(if_none_match)}


def require_match(if_match: str | None, version: int | str) -> None:
    """Refuse a change that was not made on this version.

    Raises:
        PreconditionRequired: no If-Match was sent.
        Stale: none of the tags sent is that of the current version.
    """
    accepted = parse_if_match(if_match)
    if accepted is not None and str(version) not in accepted:
        raise Stale(headers={"ETag": etag(version)})


def versions_of(if_match: str | None) -> Versions:
    """The numbered versions that an If-Match header accepts; None for `*`.

    A tag that is no number of ours matches nothing, like any other version that is not current.

    Raises:
        PreconditionRequired: no If-Match was sent.
    """
    accepted = parse_if_match(if_match)
    if accepted is None:
        return None
    numbers = set()
    for tag in accepted:
        try:
            numbers.add(whole_number(tag))
        except ValueError:
            continue
    return frozenset(numbers)


def require_version(expected: Versions, current: int) -> None:
    """Refuse a change that was not made on the current version.

    Raises:
        Stale: `current` is not among the versions expected.
    """
    if expected is None or expected == current or (isinstance(expected, frozenset) and current in expected):
        return
    raise Stale(headers={"ETag": etag(current)})
