"""What the verification of certificates takes and gives."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.certificates.files import CheckedFile, FileStatus
from app.certificates.rules import CertificateStatus
from app.certificates.service import VerificationResult
from app.certificates.snapshot import Template
from app.certificates.words import title_of


class VerifyIn(BaseModel):
    """The two marks printed on the document."""

    model_config = ConfigDict(extra="forbid")

    folio: Annotated[str, Field(min_length=1, max_length=20, examples=["K-7K3M9-QXT2F-R"])]
    code: Annotated[str, Field(min_length=1, max_length=20, examples=["0A1B2-C3D4E"])]


class FactOut(BaseModel):
    """A certified fact, in the language asked for. Names and identifiers are shown by a part."""

    label: str
    value: str


class VerifiedOut(BaseModel):
    """How the document stands, and what it certifies: a page that says anything else was altered. `annulled_at`: since
    when a refusal no longer holds, because another decision took its place. `confirmed_at`: when an internal review
    confirmed it."""

    status: CertificateStatus
    folio: str
    template: Template
    title: str
    holder: str
    issued_on: date
    valid_until: date | None
    superseded_at: datetime | None
    annulled_at: datetime | None
    confirmed_at: datetime | None
    facts: list[FactOut]


class CheckedFileOut(BaseModel):
    """What a file is. `ours`: the very bytes we issued, and `certificate` says how they stand; `altered`: our
    signature in it no longer holds; `unregistered`: it holds, but we have no such document; `not-ours`."""

    status: FileStatus
    certificate: VerifiedOut | None


def checked_out(found: CheckedFile) -> CheckedFileOut:
    """The answer about a file, for programs."""
    certificate = verified_out(found.certificate) if found.certificate else None
    return CheckedFileOut(status=found.status, certificate=certificate)


def verified_out(found: VerificationResult) -> VerifiedOut:
    """The answer for programs, its title in the language asked for."""
    return VerifiedOut(
        status=found.status,
        folio=found.folio,
        template=found.template,
        title=title_of(found.template),
        holder=found.holder_label,
        issued_on=found.issued_on,
        valid_until=found.valid_until,
        superseded_at=found.superseded_at,
        annulled_at=found.annulled_at,
        confirmed_at=found.confirmed_at,
        facts=[FactOut(label=label, value=value) for label, value in found.facts],
    )
