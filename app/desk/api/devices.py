"""Kiosks and boards of a unit: added and revoked by staff, paired by a code, known by their token."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.desk.schemas.devices import CurrentDeviceOut, DeviceCodeOut, DeviceIn, DeviceOut, DeviceTokenOut, PairIn
from app.identity.dependencies import AnonymousApi, DeviceApi, StaffApi
from app.identity.problems import DeviceIsRevoked, TokenExpired, WrongPairingCode, WrongRole
from app.identity.service import unit_devices
from app.identity.service.unit_devices import CODE_MINUTES, PairingCode
from app.kernel import crypto
from app.kernel.actor import UnitDevice
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import KeyReused, NotFound, TooManyRequests, Unauthorized
from app.places.queries import unit_by_id

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])

PURPOSE = "pairing-code"
DeviceId = Annotated[UUID, Path(description="The device's id.")]


@router.post(
    "",
    operation_id="add_device",
    status_code=201,
    summary="Add a kiosk or board to a unit",
    response_model=DeviceCodeOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, KeyReused),
)
async def add_device(actor: StaffApi, tx: Tx, body: DeviceIn, key: IdempotencyKey, request: Request) -> Response:
    """Returns the code to type on it: once, within ten minutes."""

    async def make() -> Response:
        unit = await unit_by_id(tx, body.unit_id)
        return json_response(_code(await unit_devices.add_device(tx, actor, unit.id, body.kind, body.name)), 201)

    return _readable(await idempotent_response(tx, actor, key, request, make))


@router.get(
    "",
    operation_id="list_devices",
    summary="The kiosks and boards of one's units",
    responses=problem_responses(Unauthorized, WrongRole),
)
async def list_devices(actor: StaffApi, read: Read) -> list[DeviceOut]:
    """Up to 500, those in use first, the latest first."""
    return [DeviceOut.model_validate(one) for one in await unit_devices.list_devices(read, actor)]


@router.post(
    "/pair",
    operation_id="pair_device",
    summary="Exchange a pairing code for the device's token",
    responses=problem_responses(WrongPairingCode, TooManyRequests),
)
async def pair_device(actor: AnonymousApi, tx: Tx, body: PairIn) -> DeviceTokenOut:
    """The code serves once; the token that the device had before ends. If the answer is lost, ask for another code."""
    device, token = await unit_devices.pair_device(tx, actor, body.code)
    return DeviceTokenOut(token=token, **_current(device).model_dump())


@router.get(
    "/current",
    operation_id="current_device",
    summary="Which device this token is of",
    responses=problem_responses(Unauthorized, TokenExpired),
)
async def current_device(device: DeviceApi) -> CurrentDeviceOut:
    """For a kiosk or board that starts: its unit, and whether its token still serves."""
    return _current(device)


@router.post(
    "/{device_id}/codes",
    operation_id="issue_pairing_code",
    status_code=201,
    summary="Give a device another pairing code",
    response_model=DeviceCodeOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, KeyReused, DeviceIsRevoked),
)
async def issue_pairing_code(
    actor: StaffApi, tx: Tx, device_id: DeviceId, key: IdempotencyKey, request: Request
) -> Response:
    """The code before it ends. The device's token serves until the new code is typed."""

    async def make() -> Response:
        return json_response(_code(await unit_devices.issue_code(tx, actor, device_id)), 201)

    return _readable(await idempotent_response(tx, actor, key, request, make))


@router.delete(
    "/{device_id}",
    operation_id="revoke_device",
    status_code=204,
    summary="Revoke a device's token",
    responses=problem_responses(Unauthorized, WrongRole, NotFound),
)
async def revoke_device(actor: StaffApi, tx: Tx, device_id: DeviceId) -> Response:
    """From its next request on. Again changes nothing."""
    await unit_devices.revoke_device(tx, actor, device_id)
    return Response(status_code=204)


def _code(made: PairingCode) -> DeviceCodeOut:
    """With the code encrypted: responses are stored for a day, and a code is known by its digest only."""
    encrypted = crypto.encrypt(PURPOSE, made.code).decode()
    return DeviceCodeOut(device=DeviceOut.model_validate(made.device), code=encrypted, expires_in=CODE_MINUTES * 60)


def _readable(answer: Response) -> Response:
    """The response as it is sent, the first time and again."""
    out = DeviceCodeOut.model_validate_json(bytes(answer.body))
    out.code = crypto.decrypt(PURPOSE, out.code.encode())
    headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return Response(out.model_dump_json(), answer.status_code, headers=headers, media_type="application/json")


def _current(device: UnitDevice) -> CurrentDeviceOut:
    return CurrentDeviceOut(device_id=device.device_id, kind=device.device_kind, unit_id=device.unit_id)
