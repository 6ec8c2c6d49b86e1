"""JSON routes of push notices: the portal's key, a person's browsers and apps, and a browser whose address changed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, Response

from app.identity.dependencies import AnonymousApi, LowCitizenApi
from app.identity.device_class import device_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import Forbidden, Invalid, KeyReused, NotFound, TooManyRequests, Unauthorized
from app.notifications import push_keys, push_subscriptions
from app.notifications.push_rules import browser_name
from app.notifications.push_subscriptions import NewSubscription
from app.notifications.schemas import PushKeyOut, PushRenewalIn, PushSubscriptionIn, PushSubscriptionOut

router = APIRouter(prefix="/api/v1", tags=["messages"])
SubscriptionId = Annotated[UUID, Path()]
Agent = Annotated[str, Header(alias="User-Agent", include_in_schema=False)]


@router.get(
    "/push-key",
    operation_id="get_push_key",
    summary="The portal's key for push subscriptions",
)
async def get_push_key(_actor: AnonymousApi, tx: Tx) -> PushKeyOut:
    """The `applicationServerKey` of `pushManager.subscribe`. It changes when the portal's operators replace it:
    subscriptions made before go on."""
    return PushKeyOut(public_key=(await push_keys.current_key(tx)).public_key)


@router.get(
    "/me/push-subscriptions",
    operation_id="list_push_subscriptions",
    summary="My browsers and apps that are notified",
    responses=problem_responses(Unauthorized),
)
async def list_push_subscriptions(actor: LowCitizenApi, tx: Tx) -> list[PushSubscriptionOut]:
    """The oldest first, five at most. Addresses and keys aren't shown."""
    return [PushSubscriptionOut.model_validate(one) for one in await push_subscriptions.list_of(tx, actor)]


@router.post(
    "/me/push-subscriptions",
    operation_id="add_push_subscription",
    summary="Notify me in this browser or app too",
    status_code=201,
    response_model=PushSubscriptionOut,
    responses=problem_responses(Unauthorized, Forbidden, Invalid, KeyReused, TooManyRequests),
)
async def add_push_subscription(
    actor: LowCitizenApi,
    tx: Tx,
    body: PushSubscriptionIn,
    key: IdempotencyKey,
    request: Request,
    user_agent: Agent = "",
) -> Response:
    """The same address again renews it; of another account, it is yours from now on. It ends with this sign-in
    (`POST /api/v1/sign-out`), and the oldest of more than five ends."""

    async def make() -> Response:
        given = NewSubscription(
            body.target(),
            body.language,
            body.name or browser_name(user_agent),
            device_of(request.headers),
            body.public_key,
        )
        row = await push_subscriptions.subscribe(tx, actor, given)
        return json_response(PushSubscriptionOut.model_validate(row), 201)

    return await idempotent_response(tx, actor, key, request, make)


@router.delete(
    "/me/push-subscriptions/{subscription_id}",
    operation_id="end_push_subscription",
    summary="Notify me there no longer",
    status_code=204,
    responses=problem_responses(Unauthorized, NotFound),
)
async def end_push_subscription(actor: LowCitizenApi, tx: Tx, subscription_id: SubscriptionId) -> Response:
    """From now on."""
    await push_subscriptions.end(tx, actor, subscription_id)
    return Response(status_code=204)


@router.post(
    "/push-subscriptions/renewals",
    operation_id="renew_push_subscription",
    summary="A browser's new address",
    status_code=204,
    responses=problem_responses(Invalid, NotFound),
)
async def renew_push_subscription(actor: AnonymousApi, tx: Tx, body: PushRenewalIn) -> Response:
    """For `pushsubscriptionchange`, which may come while no one is signed in. Only the browser knows its old address,
    which is the proof; a repetition finds nothing."""
    await push_subscriptions.renew(tx, actor, body.old_endpoint, body.target())
    return Response(status_code=204)
