"""The bases of what crosses HTTP: bodies are strict, responses are read from rows."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from app.kernel.plain_text import strip_bidi_controls_deep
from app.kernel.validation import require_plausible_year


class Incoming(BaseModel):
    """A body: one with an unknown field is refused. Its texts are taken without bidirectional controls, and
    its dates are of years that people live in."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _without_bidi_controls(cls, value: Any) -> Any:
        return strip_bidi_controls_deep(value)

    @field_validator("*", mode="after")
    @classmethod
    def _of_our_time(cls, value: Any) -> Any:
        return require_plausible_year(value) if isinstance(value, date) else value


class FromRow(BaseModel):
    """A response that is made from the attributes of a row or a dataclass."""

    model_config = ConfigDict(from_attributes=True)
