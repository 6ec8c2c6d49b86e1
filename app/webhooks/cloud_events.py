"""Bodies of deliveries: CloudEvents 1.0 in structured JSON. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.webhooks.catalogue import TEST, outgoing_members

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
SCHEMAS = "/api/v1/asyncapi.json#/components/schemas/"
SEQUENCE_DIGITS = 19


@dataclass(frozen=True, slots=True)
class EventToSend:
    """An event of the log, as far as it may leave. `position`: its place in the log; None for a test event."""

    event_id: UUID
    type: str
    at: datetime
    position: int | None = None
    subject_id: UUID | None = None
    unit_id: UUID | None = None
    service: str | None = None
    service_version: int | None = None
    channel: str | None = None
    payload: Mapping[str, Any] | None = None


def schema_name(name: str) -> str:
    """Return the name of the schema of a type's data."""
    return "".join(word.capitalize() for word in name.replace(".", "-").split("-"))


def envelope(base_url: str, event: EventToSend) -> dict[str, Any]:
    """Return an event as a CloudEvent. `sequence` orders texts as the log orders events."""
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(event.event_id),
        "source": f"{base_url}/api/v1",
        "type": event.type,
        "time": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": f"{base_url}{SCHEMAS}{schema_name(event.type)}",
    }
    if event.subject_id is not None:
        made["subject"] = str(event.subject_id)
    if event.position is not None:
        made["sequence"] = f"{event.position:0{SEQUENCE_DIGITS}d}"
    return made | {"data": _data(event)}


def _data(event: EventToSend) -> dict[str, Any]:
    if event.type == TEST:
        return {}
    where = {
        "unit_id": str(event.unit_id) if event.unit_id is not None else None,
        "service": event.service,
        "service_version": event.service_version,
        "channel": event.channel,
    }
    return where | outgoing_members(event.type, event.payload or {})


def encode(base_url: str, event: EventToSend) -> bytes:
    """Return the body of a delivery: the same bytes each time."""
    return json.dumps(envelope(base_url, event), ensure_ascii=False, separators=(",", ":")).encode()
