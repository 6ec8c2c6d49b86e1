"""The AsyncAPI 3.0 document of the events that leave, made from the catalogue and the classes of the events."""

from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from app import __version__
from app.kernel.events import DomainEvent
from app.places.settings import agency_settings
from app.webhooks.catalogue import CATALOGUE, TEST, Outgoing
from app.webhooks.cloud_events import CONTENT_TYPE, schema_name

JSON_TYPES: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}
DESCRIPTION = (
    "Events that Ventanilla posts to the endpoints of subscribed systems: CloudEvents 1.0 in structured JSON, signed "
    "as Standard Webhooks, delivered at least once and in any order. They contain no personal data."
)
WHERE = {
    "unit_id": {"type": ["string", "null"], "format": "uuid"},
    "service": {"type": ["string", "null"]},
    "service_version": {"type": ["integer", "null"]},
    "channel": {"type": ["string", "null"]},
}
ENVELOPE: dict[str, Any] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "format": "uuid", "description": "The same each time it is delivered, as webhook-id."},
    "source": {"type": "string", "format": "uri-reference"},
    "subject": {"type": "string", "format": "uuid", "description": "The thing that the event is about."},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"const": "application/json"},
    "dataschema": {"type": "string", "format": "uri"},
    "sequence": {
        "type": "string",
        "pattern": "^-?[0-9]{18,19}$",
        "description": "The order of the event log, as texts compare. A test event has none.",
    },
}
HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The id of the event."},
        "webhook-timestamp": {"type": "string", "description": "Seconds since 1970 of this attempt."},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and HMAC-SHA256 in base64; two with a space between while a secret is rotated.",
        },
    },
}


def member_schema(annotation: Any) -> dict[str, Any]:
    """Return the JSON schema of a member of a payload, from its annotation.

    Raises:
        KeyError: it is of a type that events don't have.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        (kind,) = (one for one in arguments if one is not NoneType)
        made = member_schema(kind)
        return made | {"type": [made["type"], "null"]}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": member_schema(arguments[0])}
    return JSON_TYPES[annotation]


def data_schema(outgoing: Outgoing) -> dict[str, Any]:
    """Return the JSON schema of an event's data."""
    hints = get_type_hints(outgoing.kind)
    own = {name: member_schema(hints[name]) for name in outgoing.members}
    return {
        "type": "object",
        "description": summary_of(outgoing.kind),
        "required": [*WHERE, *own],
        "properties": WHERE | own,
    }


def summary_of(kind: type[DomainEvent]) -> str:
    """Return the first paragraph of an event's docstring."""
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


def document() -> dict[str, Any]:
    """Return the whole document."""
    schemas = {schema_name(name): data_schema(one) for name, one in CATALOGUE.items()}
    schemas[schema_name(TEST)] = {
        "type": "object",
        "description": "A test that an administrator sent.",
        "maxProperties": 0,
    }
    messages = {schema_name(name): _message(name, schemas) for name in (*CATALOGUE, TEST)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ventanilla",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html"},
            "contact": {"name": agency_settings().agency_name},
            "tags": [{"name": "webhooks", "description": "Events posted to subscribed systems."}],
        },
        "defaultContentType": CONTENT_TYPE.partition(";")[0],
        "channels": {
            "webhooks": {
                "address": None,
                "description": "The URL of a subscription.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"http": {"bindingVersion": "0.3.0"}},
            }
        },
        "operations": {
            "deliver": {
                "action": "send",
                "channel": {"$ref": "#/channels/webhooks"},
                "summary": "Post an event.",
                "description": "Any answer of the two hundreds takes it; anything else is tried again for a day.",
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _message(name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    data = schema_name(name)
    required = [one for one in ENVELOPE if one not in ("subject", "sequence")]
    return {
        "name": name,
        "title": name,
        "summary": schemas[data]["description"],
        "contentType": CONTENT_TYPE.partition(";")[0],
        "headers": HEADERS,
        "payload": {
            "type": "object",
            "required": [*required, "type", "data"],
            "properties": ENVELOPE | {"type": {"const": name}, "data": {"$ref": f"#/components/schemas/{data}"}},
        },
    }
