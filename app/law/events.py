"""Events of figures of law."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class LawFigureChanged(DomainEvent):
    """An administrator set a figure of law from a day on; `before` and `after` are its values as text."""

    type: ClassVar[str] = "law-figure.changed"
    name: str
    valid_from: date
    valid_to: date | None
    before: str | None
    after: str
    source: str
    certainty: str
