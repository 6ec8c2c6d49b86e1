"""That something changed, and nothing of what: the state of a stream whose reader asks for the rest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """A digest of what changes with every change."""

    digest: str

    @classmethod
    def of(cls, *parts: object) -> Version:
        """The version of what has these parts."""
        return cls(hashlib.sha256(repr(parts).encode()).hexdigest()[:16])
