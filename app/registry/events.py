"""What happens in the registry. Ids only; what the new value is stays in the registry."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PersonChanged(Fact):
    """Something about a person changed by a service of the portal. The subject is the person."""

    type: ClassVar[str] = "person.changed"
    what: str
