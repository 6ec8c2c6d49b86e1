"""The bases of what crosses HTTP: bodies are strict, responses are read from rows."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from app.kernel.plain_text import strip_bidi_controls_deep


class Incoming(BaseModel):
    """A body: one with an unknown field is refused. Its texts are taken without bidirectional controls."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _without_bidi_controls(cls, value: Any) -> Any:
        return strip_bidi_controls_deep(value)


class FromRow(BaseModel):
    """A response that is made from the attributes of a row or a dataclass."""

    model_config = ConfigDict(from_attributes=True)
