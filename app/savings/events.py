"""What happens to the measurement itself. The subject has no id of its own: versions and reports are told by theirs."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class BaselinePublished(Fact):
    """A version of the figures is in force from now on. The subject is the event's own."""

    type: ClassVar[str] = "baseline.published"
    version: int


@dataclass(frozen=True, kw_only=True)
class FigureChanged(Fact):
    """An analyst wrote or took away a row of the draft: which, and its figures before and after."""

    type: ClassVar[str] = "baseline.figure-changed"
    version: int
    figure: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ReportPublished(Fact):
    """A report was published: it never changes. The subject is the report."""

    type: ClassVar[str] = "saving-report.published"
    version: int
