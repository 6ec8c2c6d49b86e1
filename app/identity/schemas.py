"""Request and response models of sign-in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.kernel.actor import Assurance
from app.kernel.schemas import Incoming


class ChallengeOut(BaseModel):
    """The code was sent, if that CURP has an account with a contact: the answer is the same if not."""

    challenge_id: UUID
    expires_in: int


class TokensIn(Incoming):
    """Prove a one-time code."""

    challenge_id: UUID
    code: Annotated[str, Field(pattern=r"^[0-9]{6,8}$", examples=["402915"])]


class TokensOut(BaseModel):
    """A signed access token for `Authorization: Bearer`, and the token that gets the next pair."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 # the scheme's name, not a secret
    expires_in: int
    assurance: Assurance | None = None
    """How sure it is who the person is, and so what the token may do; null for staff."""


class RefreshIn(Incoming):
    """Trade a refresh token; it works once."""

    refresh_token: Annotated[str, Field(min_length=20, max_length=200)]


class StaffSignInIn(Incoming):
    """User, password and authenticator code."""

    username: Annotated[str, Field(min_length=1, max_length=80)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
