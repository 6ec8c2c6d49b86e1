"""Domain events of the measurement. A version of the parameters is a subject by its number: its events are found
by it (`queries.subject_of`)."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class BaselinePublished(DomainEvent):
    """A version of the parameters is in force from now on. The subject is the version."""

    type: ClassVar[str] = "baseline.published"
    version: int


@dataclass(frozen=True, kw_only=True)
class DraftDiscarded(DomainEvent):
    """An analyst discarded the draft; the next one takes its number. The subject is the version."""

    type: ClassVar[str] = "baseline.draft-discarded"
    version: int


@dataclass(frozen=True, kw_only=True)
class ParameterChanged(DomainEvent):
    """An analyst wrote or removed a row of the draft: which, and its values before and after.
    The subject is the version."""

    type: ClassVar[str] = "parameter.changed"
    version: int
    parameter: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class TransactionCorrected(DomainEvent):
    """A person said of one of their transactions what the measurement didn't know: that they would have gone without
    the portal, or not, or had to go all the same. Null takes it back. The subject is the transaction."""

    type: ClassVar[str] = "saving-transaction.corrected"
    correction: str | None


@dataclass(frozen=True, kw_only=True)
class ReportPublished(DomainEvent):
    """A report was published: it never changes. The subject is the report."""

    type: ClassVar[str] = "saving-report.published"
    version: int
