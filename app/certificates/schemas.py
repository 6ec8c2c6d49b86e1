"""What the verification of certificates takes and gives."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.certificates.rules import Standing
from app.certificates.service import Verified
from app.certificates.snapshot import Template
from app.certificates.words import title_of


class VerifyIn(BaseModel):
    """The two marks printed on the document."""

    model_config = ConfigDict(extra="forbid")

    folio: Annotated[str, Field(min_length=1, max_length=20, examples=["K-7K3M9-QXT2F-R"])]
    code: Annotated[str, Field(min_length=1, max_length=20, examples=["0A1B2-C3D4E"])]


class VerifiedOut(BaseModel):
    """How the document stands. `holder` is what its bearer's name must agree with."""

    status: Standing
    folio: str
    template: Template
    title: str
    holder: str
    issued_on: date
    valid_until: date | None
    superseded_at: datetime | None


def verified_out(found: Verified) -> VerifiedOut:
    """The answer for programs, its title in the language asked for."""
    return VerifiedOut(
        status=found.standing,
        folio=found.folio,
        template=found.template,
        title=title_of(found.template),
        holder=found.holder_label,
        issued_on=found.issued_on,
        valid_until=found.valid_until,
        superseded_at=found.superseded_at,
    )
