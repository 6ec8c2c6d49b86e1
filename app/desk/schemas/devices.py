"""Schemas of devices and of what a kiosk does."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.desk.rules.tickets import TicketStatus
from app.desk.schemas.names import ServiceName
from app.kernel.actor import DeviceKind
from app.kernel.schemas import FromRow, Incoming, OneLine


class DeviceIn(Incoming):
    """A kiosk or board to add. `name` tells it from the others of its unit."""

    unit_id: UUID
    kind: DeviceKind
    name: Annotated[OneLine, Field(min_length=1, max_length=80, examples=["Entrada"])]


class DeviceOut(FromRow):
    """A kiosk or board of a unit. `paired_at` is null until its code was typed on it."""

    id: UUID
    unit_id: UUID
    kind: DeviceKind
    name: str
    created_at: datetime
    paired_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class DeviceCodeOut(BaseModel):
    """A device, and the code to type on it within `expires_in` seconds; it isn't shown again."""

    device: DeviceOut
    code: str
    expires_in: int


class PairIn(Incoming):
    """The pairing code of a device."""

    code: Annotated[str, Field(pattern=r"^[0-9]{9}$", examples=["402915337"])]


class CurrentDeviceOut(BaseModel):
    """The device that a token belongs to."""

    device_id: UUID
    kind: DeviceKind
    unit_id: UUID


class DeviceTokenOut(CurrentDeviceOut):
    """The token of a device, for `Authorization: Bearer`: valid until it is revoked. It isn't shown again."""

    token: str


class KioskCheckInIn(Incoming):
    """What the person typed or scanned: a folio, a CURP or a social-security number."""

    typed: Annotated[str, Field(min_length=1, max_length=40, examples=["C-7K3M9-QXT2F-R"])]


class KioskTicketIn(Incoming):
    """A number without an appointment. `is_protected`: older, pregnant, with a disability or a small child."""

    service: ServiceName
    is_protected: bool = False


class KioskServicesOut(BaseModel):
    """The services for which a kiosk gives numbers."""

    services: list[str]


class KioskTicketOut(FromRow):
    """A ticket as its slip shows it. `before`: how many of its queue are called first, as things are. `code` opens its
    page for a phone, `/turno/{code}`."""

    id: UUID
    number: str
    status: TicketStatus
    arrived_at: datetime
    due_at: datetime | None
    room: int | None
    code: str | None
    unit_name: str
    timezone: str
    before: int
