"""Clients and personal tokens, for administrators' programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.clients.problems import ClientIsRevoked, TooManyCredentials
from app.clients.schemas import ClientIn, ClientOut, CredentialOut, KeyIn, OwnedTokenOut, PersonalTokenOut, SecretOut
from app.clients.service import clients, personal_tokens
from app.clients.service.clients import Terms
from app.identity.dependencies import StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel.etags import etag, require_version, versions_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Read, Tx
from app.kernel.http.responses import idempotent_model, idempotent_response, json_response
from app.kernel.problems import Invalid, KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized

router = APIRouter(prefix="/api/v1", tags=["clients"])

STAFF = problem_responses(Unauthorized, WrongRole)
ONE = problem_responses(Unauthorized, WrongRole, NotFound)
ADDS = problem_responses(Unauthorized, WrongRole, NotFound, ClientIsRevoked, TooManyCredentials, KeyReused)
ClientId = Annotated[UUID, Path()]
CredentialId = Annotated[UUID, Path()]


@router.get("/clients", operation_id="list_clients", summary="Clients", responses=STAFF)
async def list_clients(actor: StaffApi, read: Read) -> list[ClientOut]:
    """Those that may call first, then by name; at most 500."""
    return [ClientOut.model_validate(one) for one in await clients.list_clients(read, actor)]


@router.post(
    "/clients",
    operation_id="add_client",
    status_code=201,
    summary="Add a client",
    response_model=ClientOut,
    responses=STAFF | problem_responses(Invalid, KeyReused),
)
async def add_client(actor: StaffApi, tx: Tx, body: ClientIn, key: IdempotencyKey, request: Request) -> Response:
    """It has no credential yet: give it a secret or register its key."""
    require(actor, Action.MANAGE_CLIENTS)

    async def make() -> Response:
        made = await clients.add_client(tx, actor, _terms(body))
        location = f"/api/v1/clients/{made.id}"
        return json_response(ClientOut.model_validate(made), 201, version=made.version, location=location)

    return await idempotent_response(tx, actor, key, request, make)


@router.get("/clients/{client_id}", operation_id="get_client", summary="A client", responses=ONE)
async def get_client(actor: StaffApi, read: Read, client_id: ClientId, response: Response) -> ClientOut:
    """Its ETag is the version to send in If-Match when changing it."""
    found = await clients.find_client(read, actor, client_id)
    response.headers["ETag"] = etag(found.version)
    return ClientOut.model_validate(found)


@router.put(
    "/clients/{client_id}",
    operation_id="change_client",
    summary="Change a client",
    responses=ONE | problem_responses(Invalid, Stale, PreconditionRequired, ClientIsRevoked),
)
async def change_client(
    actor: StaffApi, tx: Tx, client_id: ClientId, body: ClientIn, response: Response, if_match: IfMatch = None
) -> ClientOut:
    """From its next call on, also for tokens that it has."""
    expected = versions_of(if_match)
    require_version(expected, (await clients.find_client(tx, actor, client_id, lock=True)).version)
    changed = await clients.change_client(tx, actor, client_id, _terms(body))
    response.headers["ETag"] = etag(changed.version)
    return ClientOut.model_validate(changed)


def _terms(body: ClientIn) -> Terms:
    units = None if body.unit_ids is None else frozenset(body.unit_ids)
    return Terms(body.name, body.contact, frozenset(body.scopes), units, body.per_minute, body.expires_at)


@router.post(
    "/clients/{client_id}/revoke",
    operation_id="revoke_client",
    summary="Revoke a client, for good",
    response_model=ClientOut,
    responses=ONE | problem_responses(KeyReused),
)
async def revoke_client(
    actor: StaffApi, tx: Tx, client_id: ClientId, key: IdempotencyKey, request: Request
) -> Response:
    """Its tokens end with their next call."""

    async def revoke() -> ClientOut:
        return ClientOut.model_validate(await clients.revoke_client(tx, actor, client_id))

    return await idempotent_model(tx, actor, key, request, revoke)


@router.get(
    "/clients/{client_id}/credentials",
    operation_id="list_client_credentials",
    summary="The credentials of a client",
    responses=ONE,
)
async def list_client_credentials(actor: StaffApi, read: Read, client_id: ClientId) -> list[CredentialOut]:
    """Those that are valid, the oldest first: two at most."""
    await clients.find_client(read, actor, client_id)
    return [CredentialOut.model_validate(one) for one in await clients.credentials_of(read, client_id)]


@router.post(
    "/clients/{client_id}/secrets",
    operation_id="add_client_secret",
    status_code=201,
    summary="Give a client a secret",
    response_model=SecretOut,
    responses=ADDS,
)
async def add_client_secret(
    actor: StaffApi, tx: Tx, client_id: ClientId, key: IdempotencyKey, request: Request
) -> Response:
    """The response has the secret, this once: a repetition has none. The one before is valid until it is revoked."""
    require(actor, Action.MANAGE_CLIENTS)
    secrets: list[str] = []

    async def make() -> Response:
        made = await clients.add_secret(tx, actor, client_id)
        secrets.append(made.secret)
        credential = CredentialOut.model_validate(made.credential)
        return json_response(SecretOut(client_id=client_id, credential=credential, secret=None), 201)

    stored = await idempotent_response(tx, actor, key, request, make)
    if not secrets:
        return stored
    out = SecretOut.model_validate_json(bytes(stored.body))
    return json_response(out.model_copy(update={"secret": secrets[0]}), 201)


@router.post(
    "/clients/{client_id}/keys",
    operation_id="add_client_key",
    status_code=201,
    summary="Register a public key of a client",
    response_model=CredentialOut,
    responses=ADDS | problem_responses(Invalid, KeyReused),
)
async def add_client_key(
    actor: StaffApi, tx: Tx, client_id: ClientId, body: KeyIn, key: IdempotencyKey, request: Request
) -> Response:
    """With which it signs the assertions that prove it (`private_key_jwt`); a key with its private part is refused."""
    require(actor, Action.MANAGE_CLIENTS)

    async def make() -> Response:
        made = await clients.add_key(tx, actor, client_id, body.jwk)
        return json_response(CredentialOut.model_validate(made), 201)

    return await idempotent_response(tx, actor, key, request, make)


@router.delete(
    "/clients/{client_id}/credentials/{credential_id}",
    operation_id="revoke_client_credential",
    status_code=204,
    summary="Revoke a credential of a client",
    responses=ONE,
)
async def revoke_client_credential(
    actor: StaffApi, tx: Tx, client_id: ClientId, credential_id: CredentialId
) -> Response:
    """And the access tokens that were issued for it."""
    await clients.revoke_credential(tx, actor, client_id, credential_id)
    return Response(status_code=204)


@router.get(
    "/personal-tokens", operation_id="list_personal_tokens", summary="Personal tokens of all staff", responses=STAFF
)
async def list_personal_tokens(actor: StaffApi, read: Read) -> list[OwnedTokenOut]:
    """Those that are valid, the latest first; at most 500. Each makes theirs on their own page."""
    found = await personal_tokens.all_tokens(read, actor)
    return [
        OwnedTokenOut(**PersonalTokenOut.model_validate(one.row).model_dump(), username=one.username) for one in found
    ]


@router.delete(
    "/personal-tokens/{token_id}",
    operation_id="revoke_personal_token",
    status_code=204,
    summary="Revoke a personal token",
    responses=ONE,
)
async def revoke_personal_token(actor: StaffApi, tx: Tx, token_id: Annotated[UUID, Path()]) -> Response:
    """One's own; of anyone for administrators."""
    await personal_tokens.revoke_token(tx, actor, token_id)
    return Response(status_code=204)
