"""The AsyncAPI document is valid, complete, and true of what is sent.

`asyncapi-3.0.0.schema.json.gz` is `schemas/3.0.0.json` of the npm package `@asyncapi/specs` 6.11.1 (Apache-2.0),
unchanged.
"""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT7

from app.kernel.events import DomainEvent
from app.webhooks.asyncapi import document, member_schema
from app.webhooks.catalogue import CATALOGUE, TEST
from app.webhooks.cloud_events import EventToSend, envelope, schema_name

SCHEMA = Path(__file__).with_name("asyncapi-3.0.0.schema.json.gz")


def test_the_document_is_valid() -> None:
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    validator = jsonschema.Draft7Validator(schema, registry=_registry(schema))
    assert [error.message for error in validator.iter_errors(document())] == []


def _registry(schema: dict[str, Any]) -> Any:
    """The parts of the schema by their own addresses: nothing is fetched."""
    parts = [(part["$id"], DRAFT7.create_resource(part)) for part in schema["definitions"].values() if "$id" in part]
    return Registry().with_resources([(schema["$id"], DRAFT7.create_resource(schema)), *parts])


def test_every_event_that_leaves_is_in_it() -> None:
    messages = document()["components"]["messages"]
    assert {one["name"] for one in messages.values()} == {*CATALOGUE, TEST}
    assert set(messages) == {schema_name(name) for name in (*CATALOGUE, TEST)}


def test_what_is_sent_is_as_it_says() -> None:
    made = document()
    for name, outgoing in CATALOGUE.items():
        payload = {member: _example(outgoing.kind, member) for member in outgoing.members}
        event = EventToSend(UUID(int=1), name, datetime.now(UTC), 4, UUID(int=2), payload=payload)
        schema = made["components"]["messages"][schema_name(name)]["payload"]
        whole = schema | {"components": made["components"]}
        validator = jsonschema.Draft202012Validator(whole)
        sent = envelope("https://citas.example.mx", event)
        assert [error.message for error in validator.iter_errors(sent)] == [], name


def _example(kind: type[DomainEvent], member: str) -> Any:
    from typing import get_type_hints

    schema = member_schema(get_type_hints(kind)[member])
    if "enum" in schema:
        return schema["enum"][0]
    simple = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    return {"string": "2026-11-30", "integer": 3, "boolean": True, "array": ["a"]}[simple]


async def test_it_is_served_and_written_beside_the_documentation(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/asyncapi.json")
    assert answer.status_code == 200
    stored = Path(__file__).parents[2] / "docs" / "asyncapi.json"
    assert answer.json() == json.loads(stored.read_text(encoding="utf-8")) == document()
