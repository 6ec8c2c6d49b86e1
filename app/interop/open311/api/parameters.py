"""What the routes of Open311 take: the format in the path, the jurisdiction, an idempotency key."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from app.interop.open311.formats import Format
from app.interop.open311.systems import require_jurisdiction

FormatPath = Annotated[Format, Path(alias="format")]
Code = Annotated[str, Path(max_length=60)]
OptionalKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=8, max_length=255, pattern=r"^[\x21-\x7e]+$"),
]


async def _jurisdiction(jurisdiction_id: Annotated[str, Query(max_length=200)] = "") -> None:
    require_jurisdiction(jurisdiction_id)


JURISDICTION = Depends(_jurisdiction)
"""For `dependencies=` of a router: refuses a request for another jurisdiction."""
