"""Versions over HTTP: ETag out, If-Match in (RFC 9110, 13.1.1), so that nobody overwrites what they have not seen."""

from typing import Annotated

from fastapi import Header

from app.kernel.problems import PreconditionRequired, Stale

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="The ETag of the version you read.")
]


def etag(version: int | str) -> str:
    """The strong validator of a version."""
    return f'"{version}"'


def require_match(if_match: str | None, version: int | str) -> None:
    """Refuse a change that was not made on this version.

    Raises:
        PreconditionRequired: no If-Match was sent.
        Stale: none of the versions sent is the current one.
    """
    if if_match is None:
        raise PreconditionRequired
    sent = {tag.strip() for tag in if_match.split(",")}
    if "*" not in sent and etag(version) not in sent:
        raise Stale(headers={"ETag": etag(version)})
