"""Access tokens of the API: short-lived signed JWTs (RFC 9068 in spirit), checked without asking the database."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OctKey

from app.identity.problems import TokenExpired
from app.identity.settings import identity_settings
from app.kernel import clock, crypto
from app.kernel.actor import Assurance

ALGORITHM = "HS256"
CITIZEN, STAFF = "citizen", "staff"
CLIENT_TOKEN_PREFIX, PERSONAL_TOKEN_PREFIX = "vta_", "vtp_"
"""What the tokens of `app.clients` begin with: routes that take none refuse them by it."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token it is: a person or a member of staff."""

    kind: str
    subject_id: UUID
    family_id: UUID | None
    issued_at: datetime
    assurance: Assurance


@lru_cache
def _keys() -> tuple[OctKey, ...]:
    return tuple(OctKey.import_key(key) for key in crypto.derive_keys("access-token"))


def issue_access_token(
    kind: str,
    subject_id: UUID,
    family_id: UUID | None = None,
    *,
    assurance: Assurance | None = None,
    issued: datetime | None = None,
    ends: datetime | None = None,
) -> tuple[str, int]:
    """A token for this person or member of staff, and its life in seconds; it doesn't outlive its family's `ends`. Of
    the same moment it is the same token.

    A citizen's says how sure it is who they are (`acr`, RFC 9068): the low level, when nothing else is given. `iat` has
    fractions, so that tokens can be distinguished from those issued a moment before all of a person's were ended.
    """
    life = timedelta(minutes=identity_settings().access_token_minutes)
    since = issued or clock.now()
    until = min(since + life, ends) if ends is not None else since + life
    now, seconds = since.timestamp(), int((until - since).total_seconds())
    claims: dict[str, Any] = {"sub": str(subject_id), "knd": kind, "iat": now, "exp": int(now) + seconds}
    if assurance is not None:
        claims["acr"] = assurance.value
    if family_id is not None:
        claims["sid"] = str(family_id)
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims, _keys()[0]), seconds


def read_access_token(token: str) -> Bearer:
    """Whose token this is.

    Raises:
        TokenExpired: it isn't ours, was changed, or is too old.
    """
    try:
        bearer, expires = _verified(token)
    except (JoseError, KeyError, ValueError, TypeError, OverflowError, OSError) as error:
        raise TokenExpired from error
    if expires <= clock.now().timestamp():
        raise TokenExpired
    return bearer


def _decoded(token: str) -> jwt.Token:
    *others, oldest = _keys()
    for key in others:
        with suppress(BadSignatureError):
            return jwt.decode(token, key, algorithms=[ALGORITHM])
    return jwt.decode(token, oldest, algorithms=[ALGORITHM])


# A program sends the same token for minutes. A signature that was right stays right; its age is looked at each time.
@lru_cache(maxsize=4096)
def _verified(token: str) -> tuple[Bearer, int]:
    decoded = _decoded(token)
    if decoded.header.get("typ") != "at+jwt":
        raise ValueError("a token of another kind")
    claims = decoded.claims
    if claims["knd"] not in {CITIZEN, STAFF}:
        raise ValueError("a token of no known person")
    family = claims.get("sid")
    bearer = Bearer(
        kind=claims["knd"],
        subject_id=UUID(claims["sub"]),
        family_id=UUID(family) if family else None,
        issued_at=datetime.fromtimestamp(float(claims["iat"]), UTC),
        assurance=Assurance(claims.get("acr", Assurance.LOW)),
    )
    return bearer, int(claims["exp"])
