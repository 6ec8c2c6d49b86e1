"""What the routes of requests share: the folio in the path, a version in If-Match, an answer made once."""

from typing import Annotated

from fastapi import Path

from app.identity.problems import WrongRole
from app.kernel.problems import KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized

Folio = Annotated[str, Path(max_length=20, description="As printed; small letters and missing dashes are fine.")]
WHO = (Unauthorized, NotFound)
STAFF = (Unauthorized, WrongRole)
IDEMPOTENT = (KeyReused,)
VERSIONED = (Stale, PreconditionRequired)
