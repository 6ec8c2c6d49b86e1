"""Webhooks for administrators' programs, and the AsyncAPI document for everyone."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.dependencies import AnonymousApi, StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel.actor import Staff
from app.kernel.etags import etag, versions_of
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, IfMatch, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_model, idempotent_response, json_response, set_links
from app.kernel.paging import encode_cursor, id_after
from app.kernel.problems import Invalid, KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized
from app.webhooks import asyncapi, queries, service
from app.webhooks.problems import WebhookIsDisabled
from app.webhooks.schemas import (
    ReplayIn,
    SentAgainOut,
    TestSentOut,
    WebhookAttemptOut,
    WebhookIn,
    WebhookOut,
    WebhookSecretOut,
)
from app.webhooks.service import NewSecret, Subscription, secret_of

router = APIRouter(prefix="/api/v1", tags=["webhooks"])

STAFF = problem_responses(Unauthorized, WrongRole)
ONE = problem_responses(Unauthorized, WrongRole, NotFound)
SENDS = problem_responses(Unauthorized, WrongRole, NotFound, WebhookIsDisabled, KeyReused)
WebhookId = Annotated[UUID, Path()]


@router.get("/asyncapi.json", operation_id="get_asyncapi", summary="The events that webhooks deliver, as AsyncAPI 3.0")
async def get_asyncapi(_actor: AnonymousApi) -> dict[str, Any]:
    """Every event type with the schema of its data; see docs/webhooks.md."""
    return asyncapi.document()


@router.get("/webhooks", operation_id="list_webhooks", summary="Webhooks", responses=STAFF)
async def list_webhooks(actor: StaffApi, read: Read) -> list[WebhookOut]:
    """Those that are enabled first, then by name; at most 500."""
    return [WebhookOut.model_validate(one) for one in await queries.list_webhooks(read, actor)]


@router.post(
    "/webhooks",
    operation_id="create_webhook",
    openapi_extra=sends("ETag"),
    status_code=201,
    summary="Subscribe a system to events",
    response_model=WebhookSecretOut,
    responses=STAFF | problem_responses(Invalid, KeyReused),
)
async def create_webhook(actor: StaffApi, tx: Tx, body: WebhookIn, key: IdempotencyKey, request: Request) -> Response:
    """The response has the secret, this once. It gets the events from now on."""
    require(actor, Action.MANAGE_WEBHOOKS)

    async def make() -> Response:
        return _without_secret(await service.create(tx, actor, _subscription(body)), 201)

    return await _with_secret(tx, actor, await idempotent_response(tx, actor, key, request, make))


@router.get("/webhooks/{webhook_id}", operation_id="get_webhook", summary="A webhook", responses=ONE)
async def get_webhook(actor: StaffApi, read: Read, webhook_id: WebhookId, response: Response) -> WebhookOut:
    """Its ETag is the version to send in If-Match when changing it."""
    found = await queries.find_webhook(read, actor, webhook_id)
    response.headers["ETag"] = etag(found.version)
    return WebhookOut.model_validate(found)


@router.put(
    "/webhooks/{webhook_id}",
    operation_id="change_webhook",
    summary="Change a webhook",
    responses=ONE | problem_responses(Invalid, Stale, PreconditionRequired),
)
async def change_webhook(
    actor: StaffApi, tx: Tx, webhook_id: WebhookId, body: WebhookIn, response: Response, if_match: IfMatch = None
) -> WebhookOut:
    """Events that are pending go to the new URL."""
    expected = versions_of(if_match)
    changed = await service.change(tx, actor, webhook_id, _subscription(body), expected)
    response.headers["ETag"] = etag(changed.version)
    return WebhookOut.model_validate(changed)


@router.post(
    "/webhooks/{webhook_id}/secret",
    operation_id="rotate_webhook_secret",
    summary="Give a webhook a new secret",
    response_model=WebhookSecretOut,
    responses=ONE | problem_responses(Stale, PreconditionRequired, KeyReused),
)
async def rotate_webhook_secret(
    actor: StaffApi,
    tx: Tx,
    webhook_id: WebhookId,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """The one before signs too for seven days; one that was older ends now."""
    require(actor, Action.MANAGE_WEBHOOKS)
    expected = versions_of(if_match)

    async def make() -> Response:
        return _without_secret(await service.rotate_secret(tx, actor, webhook_id, expected), 200)

    return await _with_secret(tx, actor, await idempotent_response(tx, actor, key, request, make))


@router.post(
    "/webhooks/{webhook_id}/disable",
    operation_id="disable_webhook",
    summary="Disable a webhook",
    response_model=WebhookOut,
    responses=ONE | problem_responses(KeyReused),
)
async def disable_webhook(
    actor: StaffApi, tx: Tx, webhook_id: WebhookId, key: IdempotencyKey, request: Request
) -> Response:
    """It is sent nothing, and what happens meanwhile isn't sent afterwards unless it is replayed."""

    async def disable() -> WebhookOut:
        return WebhookOut.model_validate(await service.disable(tx, actor, webhook_id))

    return await idempotent_model(tx, actor, key, request, disable)


@router.post(
    "/webhooks/{webhook_id}/enable",
    operation_id="enable_webhook",
    summary="Enable a webhook again",
    response_model=WebhookOut,
    responses=ONE | problem_responses(KeyReused),
)
async def enable_webhook(
    actor: StaffApi, tx: Tx, webhook_id: WebhookId, key: IdempotencyKey, request: Request
) -> Response:
    """It gets the events from now on."""

    async def enable() -> WebhookOut:
        return WebhookOut.model_validate(await service.enable(tx, actor, webhook_id))

    return await idempotent_model(tx, actor, key, request, enable)


@router.post(
    "/webhooks/{webhook_id}/test",
    operation_id="test_webhook",
    status_code=202,
    summary="Send a test event",
    response_model=TestSentOut,
    responses=SENDS,
)
async def test_webhook(
    actor: StaffApi, tx: Tx, webhook_id: WebhookId, key: IdempotencyKey, request: Request
) -> Response:
    """An event of the type `webhook.test`, signed like the others; the log of attempts has what was answered."""
    require(actor, Action.MANAGE_WEBHOOKS)

    async def make() -> Response:
        event_id = await service.send_test(tx, actor, webhook_id)
        return json_response(TestSentOut(event_id=event_id), 202)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/webhooks/{webhook_id}/replay",
    operation_id="replay_webhook",
    status_code=202,
    summary="Send the events of a time again",
    response_model=SentAgainOut,
    responses=SENDS | problem_responses(Invalid, KeyReused),
)
async def replay_webhook(
    actor: StaffApi, tx: Tx, webhook_id: WebhookId, body: ReplayIn, key: IdempotencyKey, request: Request
) -> Response:
    """Of the types it is subscribed to, oldest first, up to 10,000, with the ids they had."""
    require(actor, Action.MANAGE_WEBHOOKS)

    async def make() -> Response:
        count = await service.replay(tx, actor, webhook_id, body.since, body.until)
        return json_response(SentAgainOut(count=count), 202)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/webhooks/{webhook_id}/retry",
    operation_id="retry_webhook",
    status_code=202,
    summary="Send dead letters again",
    response_model=SentAgainOut,
    responses=SENDS,
)
async def retry_webhook(
    actor: StaffApi, tx: Tx, webhook_id: WebhookId, key: IdempotencyKey, request: Request
) -> Response:
    """The events that used up their attempts, oldest first, up to 10,000."""
    require(actor, Action.MANAGE_WEBHOOKS)

    async def make() -> Response:
        count = await service.retry_dead_letters(tx, actor, webhook_id)
        return json_response(SentAgainOut(count=count), 202)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/webhooks/{webhook_id}/attempts",
    operation_id="list_webhook_attempts",
    summary="What was sent, and what was answered",
    responses=ONE | problem_responses(Invalid),
)
async def list_webhook_attempts(
    actor: StaffApi, read: Read, webhook_id: WebhookId, page: PageQuery, request: Request, response: Response
) -> list[WebhookAttemptOut]:
    """The latest first; stored for 30 days."""
    await queries.find_webhook(read, actor, webhook_id)
    after = id_after(page.after)
    rows = await queries.list_attempts(read, webhook_id, limit=page.limit + 1, after=after)
    shown = rows[: page.limit]
    set_links(response, request, encode_cursor(str(shown[-1].id)) if len(rows) > page.limit else None)
    return [WebhookAttemptOut.model_validate(one) for one in shown]


def _subscription(body: WebhookIn) -> Subscription:
    return Subscription(body.name, body.contact, body.url, tuple(body.types))


def _without_secret(made: NewSecret, status: int) -> Response:
    """What is stored for the idempotency key: it isn't encrypted there."""
    webhook = made.webhook
    location = f"/api/v1/webhooks/{webhook.id}" if status == 201 else None
    return json_response(WebhookOut.model_validate(webhook), status, version=webhook.version, location=location)


async def _with_secret(tx: AsyncSession, actor: Staff, stored: Response) -> Response:
    """Add the secret to a response; a repetition that comes after the webhook has changed has none."""
    out = WebhookOut.model_validate_json(bytes(stored.body))
    webhook = await queries.find_webhook(tx, actor, out.id)
    secret = secret_of(webhook) if webhook.version == out.version else None
    answer = json_response(WebhookSecretOut(webhook=out, secret=secret), stored.status_code, version=out.version)
    for name in ("Idempotency-Replayed", "Location"):
        if name in stored.headers:
            answer.headers[name] = stored.headers[name]
    return answer
