"""HTTP schemas of certificate verification."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from app.certificates.rules import CertificateStatus, FileStatus
from app.certificates.snapshot import Template
from app.certificates.words import title_of
from app.kernel.schemas import Incoming

if TYPE_CHECKING:
    from app.certificates.files import CheckedFile
    from app.certificates.service import VerificationResult


class VerifyIn(Incoming):
    """The two identifiers printed on the document."""

    folio: Annotated[str, Field(min_length=1, max_length=20, examples=["K-7K3M9-QXT2F-R"])]
    code: Annotated[str, Field(min_length=1, max_length=20, examples=["0A1B2-C3D4E"])]


class FactOut(BaseModel):
    """A certified fact, in the requested language. Names and identifiers are masked."""

    label: str
    value: str


class VerifiedOut(BaseModel):
    """Status of the document, and what it certifies: a page that says anything else was altered. `annulled_at`: when
    another decision replaced the refusal. `confirmed_at`: when an internal review confirmed it."""

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
    """Result for a file. `ours`: the exact bytes we issued; `certificate` has their status. `altered`: our signature is
    no longer valid; `unregistered`: it is valid, but we have no such document; `not-ours`."""

    status: FileStatus
    certificate: VerifiedOut | None


def checked_out(found: "CheckedFile") -> CheckedFileOut:
    """Serialise the result for a file."""
    certificate = verified_out(found.certificate) if found.certificate else None
    return CheckedFileOut(status=found.status, certificate=certificate)


def verified_out(found: "VerificationResult") -> VerifiedOut:
    """Serialise a verification, with its title in the requested language."""
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
