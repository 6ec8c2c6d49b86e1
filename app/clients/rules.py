"""Scopes of programs: what each lets them read, and for whom. Pure.

This is the one place that says what a program may call: a route names its scope (`dependencies.Scoped`), and a client
or a personal token that lacks it is refused, as it is by every route that names none.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from app.identity.permissions import PERMISSIONS, Action, may_at
from app.kernel.actor import Client, Role, Staff

MAX_NAME, MAX_CONTACT = 80, 200
MAX_CREDENTIALS = 2
"""Valid together, so that one is replaced without a pause."""
DEFAULT_PER_MINUTE, MAX_PER_MINUTE = 60, 300
MAX_TOKEN_DAYS = 365
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 4096
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT_TYPE = "client_credentials"
MAX_ASSERTION_SECONDS, SKEW_SECONDS = 300, 30
MAX_JTI = 200
LAST_SECOND = 2**38
_SCOPE_TEXT = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")


class ApiScope(StrEnum):
    """What a program may do."""

    METRICS = "metrics.read"
    EXPORTS = "exports.read"
    APPOINTMENTS = "appointments.read"
    APPOINTMENT_PEOPLE = "appointments.people"
    TICKETS = "desk.tickets"


@dataclass(frozen=True, slots=True)
class ScopeTerms:
    """What a scope means, for documentation; the action that a member of staff needs for it in a personal token (None:
    only clients have it); whether it can be limited to units; and the scope without which it gives nothing."""

    meaning: str
    action: Action | None = None
    by_unit: bool = True
    needs: ApiScope | None = None


SCOPES: Mapping[ApiScope, ScopeTerms] = {
    ApiScope.METRICS: ScopeTerms(
        "Metrics and savings, also what isn't published. With units: of one of them at a time (`unit=`).",
        Action.MANAGE_SAVINGS,
    ),
    ApiScope.EXPORTS: ScopeTerms(
        "Whole tables behind the metrics. Not with units: the tables are of the whole agency.",
        Action.MANAGE_SAVINGS,
        by_unit=False,
    ),
    ApiScope.APPOINTMENTS: ScopeTerms("Appointments of a unit and day, without whose they are."),
    ApiScope.APPOINTMENT_PEOPLE: ScopeTerms(
        "Personal data: whose those appointments are. The access log records each view.",
        needs=ApiScope.APPOINTMENTS,
    ),
    ApiScope.TICKETS: ScopeTerms("Today's queues and tickets of a unit, without whose they are: for call systems."),
}


class Wrong(StrEnum):
    """What is wrong with the scopes of a client or token."""

    NONE = "none"
    UNKNOWN = "unknown"
    NEEDS_ANOTHER = "needs-another"
    WHOLE_AGENCY = "whole-agency"
    ROLE = "role"


def wrong_with_scopes(scopes: Iterable[str], *, has_units: bool) -> Wrong | None:
    """Why a client can't have these scopes; None when it can."""
    asked = set(scopes)
    if not asked:
        return Wrong.NONE
    if asked - set(SCOPES):
        return Wrong.UNKNOWN
    terms = [SCOPES[ApiScope(one)] for one in asked]
    if any(one.needs is not None and one.needs not in asked for one in terms):
        return Wrong.NEEDS_ANOTHER
    return Wrong.WHOLE_AGENCY if has_units and not all(one.by_unit for one in terms) else None


def scopes_for(role: Role) -> list[ApiScope]:
    """The scopes that a personal token of staff with this role may have."""
    return [name for name, one in SCOPES.items() if one.action is not None and role in PERMISSIONS[one.action].roles]


def wrong_with_token(scopes: Iterable[str], role: Role) -> Wrong | None:
    """Why a personal token of staff with this role can't have these scopes; None when it can."""
    asked = set(scopes)
    if not asked:
        return Wrong.NONE
    return Wrong.ROLE if asked - set(scopes_for(role)) else None


def sees(actor: object, scope: ApiScope) -> bool:
    """Whether the actor is a client with the scope."""
    return isinstance(actor, Client) and scope in actor.scopes


def may_read_at(actor: Staff | Client, scope: ApiScope, action: Action, unit_id: UUID) -> bool:
    """Whether a client with the scope, or staff who may do the action, may read at this unit."""
    if isinstance(actor, Client):
        return scope in actor.scopes and actor.works_at(unit_id)
    return may_at(actor, action, unit_id)


def parse_scopes(text: str) -> frozenset[str] | None:
    """The scopes of a `scope` parameter (RFC 6749, 3.3), known or not; None when it isn't one."""
    return frozenset(text.split(" ")) if _SCOPE_TEXT.fullmatch(text) else None


def parse_basic(header: str) -> tuple[str, str] | None:
    """Client id and secret of an Authorization header (RFC 6749, 2.3.1: each form-encoded, then base64); None when it
    is none of the kind."""
    kind, _space, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        return (unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")) if colon else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def algorithms_of(key: Mapping[str, Any]) -> tuple[str, ...]:
    """The signature algorithms of a public key: given by its kind, never by what a token's header says."""
    match key.get("kty"), key.get("crv"):
        case "RSA", None:
            return ("RS256",)
        case "EC", "P-256":
            return ("ES256",)
        case "OKP", "Ed25519":
            return ("EdDSA", "Ed25519")
    return ()


ALGORITHMS = ("ES256", "RS256", "EdDSA", "Ed25519")
PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@dataclass(frozen=True, slots=True)
class Assertion:
    """The claims of a client's signed assertion that counted."""

    jti: str
    expires: float


def checked_claims(claims: Mapping[str, Any], client_id: str, audiences: Iterable[str], now: float) -> Assertion | None:
    """The assertion that these claims make for this client at this moment (RFC 7523, 3); None when they don't.

    It is for us alone (`aud`), from the client about itself (`iss`, `sub`), has an id (`jti`), and ends within five
    minutes, so that none are kept for later.
    """
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    jti = claims.get("jti")
    expires, *others = (_instant(claims.get(name)) for name in ("exp", "nbf", "iat"))
    is_right = (
        claims.get("iss") == claims.get("sub") == client_id
        and isinstance(audience, str)
        and audience in set(audiences)
        and isinstance(jti, str)
        and jti.isprintable()
        and 0 < len(jti) <= MAX_JTI
        and expires is not None
        and now < expires <= now + MAX_ASSERTION_SECONDS + SKEW_SECONDS
        and all(one <= now + SKEW_SECONDS for one in others if one is not None)
        and all(claims.get(name) is None or one is not None for name, one in zip(("nbf", "iat"), others, strict=True))
    )
    return Assertion(str(jti), float(expires or 0)) if is_right else None


def _instant(value: object) -> float | None:
    """A number of seconds; None for what is none, or is larger than any instant."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LAST_SECOND else None
