"""What happens to certificates. Ids only, no personal data; the subject is the certificate."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CertificateIssued(DomainEvent):
    """A decided request became a signed document."""

    type: ClassVar[str] = "certificate.issued"
    request_id: UUID
    template: str
    language: str


@dataclass(frozen=True, kw_only=True)
class CertificateSuperseded(DomainEvent):
    """A newer certificate of the same kind and person took the place of this one."""

    type: ClassVar[str] = "certificate.superseded"
    template: str
    superseded_by: UUID


@dataclass(frozen=True, kw_only=True)
class CertificateUnprintable(DomainEvent):
    """A document wasn't signed because its font lacks letters; staff see to it. The subject is the request."""

    type: ClassVar[str] = "certificate.unprintable"
    request_id: UUID
    template: str
    letters: int
