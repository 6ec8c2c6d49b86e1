"""Clients, kept by administrators: added, changed, given and deprived of credentials, revoked.

A secret is shown once and stored as its digest; of a key only the public part is ever sent here. Two credentials are
valid together, so that one replaces the other without a pause.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, RSAKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.events import ClientAdded, ClientChanged, ClientRevoked, CredentialAdded, CredentialRevoked
from app.clients.models import ApiClient, ApiCredential
from app.clients.problems import ClientIsRevoked, TooManyCredentials
from app.clients.rules import (
    MAX_CREDENTIALS,
    MAX_PER_MINUTE,
    MAX_RSA_BITS,
    MIN_RSA_BITS,
    PRIVATE_PARTS,
    Wrong,
    algorithms_of,
    wrong_with_scopes,
)
from app.clients.service.tokens import end_tokens
from app.identity.permissions import Action, require
from app.kernel import clock, ids
from app.kernel.actor import Actor, Staff
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound

SECRET_PREFIX = "vts_"  # noqa: S105 # begins every secret of a client, so that scanners find one that leaked
HINT_LENGTH = 4
LIST_LIMIT = 500
WRONG_SCOPES = {
    Wrong.NONE: N_("Elija al menos un permiso."),
    Wrong.UNKNOWN: N_("Elija permisos de la lista."),
    Wrong.NEEDS_ANOTHER: N_("Para ver de quién son las citas hace falta también el permiso de leer las citas."),
    Wrong.WHOLE_AGENCY: N_(
        "Las tablas completas son de todas las unidades: quite ese permiso o no limite las unidades."
    ),
    Wrong.ROLE: N_("Elija permisos que su puesto tenga."),
}
WRONG_KEY = N_(
    "Escriba una sola llave pública como JWK: RSA desde 2048 bits, EC P-256 u OKP Ed25519, sin su parte privada."
)
WRONG_RATE = N_("Escriba de 1 a 300 consultas por minuto.")
WRONG_END = N_("El último día tiene que ser de hoy en adelante.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What administrators say of a client."""

    name: str
    contact: str
    scopes: frozenset[str]
    unit_ids: frozenset[UUID] | None
    per_minute: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client, one of its credentials, and the secret: the only time it is known."""

    client: ApiClient
    credential: ApiCredential
    secret: str


def _require(actor: Actor) -> None:
    if isinstance(actor, Staff):
        require(actor, Action.MANAGE_CLIENTS)


async def list_clients(session: AsyncSession, actor: Actor) -> list[ApiClient]:
    """Those that may call first, then by name.

    Raises:
        WrongRole.
    """
    _require(actor)
    chosen = select(ApiClient).order_by(ApiClient.revoked_at.is_not(None), ApiClient.name, ApiClient.id)
    return list(await session.scalars(chosen.limit(LIST_LIMIT)))


async def find_client(session: AsyncSession, actor: Actor, client_id: UUID, *, lock: bool = False) -> ApiClient:
    """One client.

    Raises:
        WrongRole; NotFound.
    """
    _require(actor)
    found = await session.get(ApiClient, client_id, with_for_update=lock or None, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def credentials_of(session: AsyncSession, client_id: UUID) -> list[ApiCredential]:
    """The credentials of a client that are valid, the oldest first."""
    chosen = select(ApiCredential).where(ApiCredential.client_id == client_id, ApiCredential.revoked_at.is_(None))
    return list(await session.scalars(chosen.order_by(ApiCredential.id)))


async def add_client(session: AsyncSession, actor: Actor, terms: Terms) -> ApiClient:
    """Add a client, without a credential yet.

    Raises:
        WrongRole; Invalid.
    """
    _require(actor)
    _validate(terms)
    client = ApiClient(
        id=ids.new_id(),
        name=terms.name,
        contact=terms.contact,
        scopes=sorted(terms.scopes),
        unit_ids=_listed(terms),
        per_minute=terms.per_minute,
        created_at=clock.now(),
        expires_at=terms.expires_at,
        version=1,
    )
    session.add(client)
    await session.flush()
    await record(
        session, actor, ClientAdded(subject_id=client.id, scopes=client.scopes, units=_as_text(client.unit_ids))
    )
    return client


def _listed(terms: Terms) -> list[UUID] | None:
    return None if terms.unit_ids is None else sorted(terms.unit_ids)


def _as_text(unit_ids: Sequence[UUID] | None) -> list[str] | None:
    return None if unit_ids is None else [str(one) for one in unit_ids]


def _validate(terms: Terms) -> None:
    wrong: list[FieldError] = []
    scopes = wrong_with_scopes(terms.scopes, has_units=terms.unit_ids is not None)
    if scopes is not None:
        wrong.append(FieldError("scopes", WRONG_SCOPES[scopes], f"scopes_{scopes.name.lower()}"))
    if not 1 <= terms.per_minute <= MAX_PER_MINUTE:
        wrong.append(FieldError("per_minute", WRONG_RATE, "wrong_rate"))
    if terms.expires_at is not None and terms.expires_at <= clock.now():
        wrong.append(FieldError("expires_at", WRONG_END, "wrong_end"))
    if wrong:
        raise Invalid(fields=wrong)


async def change_client(session: AsyncSession, actor: Actor, client_id: UUID, terms: Terms) -> ApiClient:
    """Change a client, from its next call on. As it is already changes nothing.

    Raises:
        WrongRole; NotFound; ClientIsRevoked; Invalid.
    """
    client = await _usable(session, actor, client_id)
    _validate(terms)
    before = _terms_of(client)
    if before == terms:
        return client
    units_before, scopes_before = client.unit_ids, client.scopes
    client.name, client.contact, client.per_minute = terms.name, terms.contact, terms.per_minute
    client.scopes, client.unit_ids, client.expires_at = sorted(terms.scopes), _listed(terms), terms.expires_at
    client.version += 1
    await session.flush()
    others = ("name", "contact", "per_minute", "expires_at")
    changed = [name for name in others if getattr(before, name) != getattr(terms, name)]
    event = ClientChanged(
        subject_id=client.id,
        scopes_before=scopes_before,
        scopes=client.scopes,
        units_before=_as_text(units_before),
        units=_as_text(client.unit_ids),
        fields=changed,
    )
    await record(session, actor, event)
    return client


def _terms_of(client: ApiClient) -> Terms:
    units = None if client.unit_ids is None else frozenset(client.unit_ids)
    return Terms(client.name, client.contact, frozenset(client.scopes), units, client.per_minute, client.expires_at)


async def _usable(session: AsyncSession, actor: Actor, client_id: UUID) -> ApiClient:
    client = await find_client(session, actor, client_id, lock=True)
    if client.revoked_at is not None:
        raise ClientIsRevoked
    return client


async def add_secret(session: AsyncSession, actor: Actor, client_id: UUID) -> NewSecret:
    """Give a client a secret, shown this once.

    Raises:
        WrongRole; NotFound; ClientIsRevoked; TooManyCredentials.
    """
    client = await _with_room(session, actor, client_id)
    secret = SECRET_PREFIX + ids.new_secret()
    credential = ApiCredential(
        id=ids.new_id(),
        client_id=client.id,
        kind="secret",
        digest=ids.digest(secret),
        hint=secret[-HINT_LENGTH:],
        created_at=clock.now(),
    )
    return NewSecret(client, await _add(session, actor, client, credential), secret)


async def add_key(session: AsyncSession, actor: Actor, client_id: UUID, jwk: Mapping[str, Any]) -> ApiCredential:
    """Register a public key, by which the client signs assertions (`private_key_jwt`).

    Raises:
        WrongRole; NotFound; ClientIsRevoked; TooManyCredentials. Invalid: it is no public key of a kind we take.
    """
    client = await _with_room(session, actor, client_id)
    stored = public_key(jwk)
    credential = ApiCredential(
        id=ids.new_id(),
        client_id=client.id,
        kind="key",
        jwk=stored,
        hint=str(stored["kid"])[-HINT_LENGTH:],
        created_at=clock.now(),
    )
    return await _add(session, actor, client, credential)


def public_key(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """A JWK, or a set of one, as it is stored: its public members, and its own key id or else its thumbprint.

    Raises:
        Invalid.
    """
    keys = jwk.get("keys")
    if isinstance(keys, list) and len(keys) == 1 and isinstance(keys[0], dict):
        jwk = keys[0]
    wrong = Invalid(fields=[FieldError("jwk", WRONG_KEY, "wrong_key")])
    if PRIVATE_PARTS & set(jwk) or not algorithms_of(jwk):
        raise wrong
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of small keys, which are refused below
            key = JWKRegistry.import_key(
                {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
            )
        if isinstance(key, RSAKey) and not MIN_RSA_BITS <= key.public_key.key_size <= MAX_RSA_BITS:
            raise wrong
        kid = jwk.get("kid")
        return {**key.as_dict(private=False), "kid": kid[:200] if isinstance(kid, str) and kid else key.thumbprint()}
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise wrong from error


async def _with_room(session: AsyncSession, actor: Actor, client_id: UUID) -> ApiClient:
    client = await _usable(session, actor, client_id)
    if len(await credentials_of(session, client_id)) >= MAX_CREDENTIALS:
        raise TooManyCredentials
    return client


async def _add(session: AsyncSession, actor: Actor, client: ApiClient, credential: ApiCredential) -> ApiCredential:
    session.add(credential)
    client.version += 1
    await session.flush()
    added = CredentialAdded(subject_id=client.id, credential_id=credential.id, credential_kind=credential.kind)
    await record(session, actor, added)
    return credential


async def revoke_credential(session: AsyncSession, actor: Actor, client_id: UUID, credential_id: UUID) -> ApiClient:
    """End a credential, and the access tokens issued for it, from the next call on. Again changes nothing.

    Raises:
        WrongRole; NotFound.
    """
    client = await find_client(session, actor, client_id, lock=True)
    credential = await session.get(ApiCredential, credential_id, with_for_update=True, populate_existing=True)
    if credential is None or credential.client_id != client_id:
        raise NotFound
    if credential.revoked_at is not None:
        return client
    credential.revoked_at, client.version = clock.now(), client.version + 1
    await session.flush()
    await end_tokens(session, credential_id=credential_id)
    ended = CredentialRevoked(subject_id=client.id, credential_id=credential.id, credential_kind=credential.kind)
    await record(session, actor, ended)
    return client


async def revoke_client(session: AsyncSession, actor: Actor, client_id: UUID) -> ApiClient:
    """End a client for good, from its next call on. Again changes nothing.

    Raises:
        WrongRole; NotFound.
    """
    client = await find_client(session, actor, client_id, lock=True)
    if client.revoked_at is not None:
        return client
    client.revoked_at, client.version = clock.now(), client.version + 1
    await session.flush()
    await end_tokens(session, client_id=client_id)
    await record(session, actor, ClientRevoked(subject_id=client.id))
    return client
