"""What the API has published stays until its sunset: `docs/api-contract.txt` is compared with the document."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.http.deprecation import NOTICE, Deprecation
from app.main import create_app
from scripts.api_contract import Line, breaks, contract, current_day, published, too_soon

TODAY = date(2028, 6, 1)
ENDED = Deprecation(TODAY - NOTICE, TODAY).schema()
ENDS_LATER = Deprecation(TODAY - NOTICE, TODAY + timedelta(days=1)).schema()
Document = dict[str, Any]
Change = Callable[[Document], object]


def test_nothing_that_is_published_is_lost() -> None:
    broken = breaks(published(), contract(create_app().openapi()), current_day())
    assert broken == [], "deprecate it first: see «Change what the API promises» in CONTRIBUTING.md"


def given_document() -> Document:
    """A document with a bit of everything."""
    ref = {"$ref": "#/components/schemas/Kind"}
    return {
        "paths": {
            "/things/{id}": {
                "post": {
                    "operationId": "change_thing",
                    "parameters": [
                        {"in": "path", "name": "id", "required": True, "schema": {"type": "string", "format": "uuid"}},
                        {"in": "query", "name": "sort", "schema": {"type": "string", "enum": ["name", "date"]}},
                    ],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingIn"}}}
                    },
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/ThingOut"}}
                                }
                            }
                        },
                        "404": {"content": {"application/problem+json": {"schema": {}}}},
                    },
                }
            },
            "/things": {"get": {"operationId": "list_things", "responses": {"204": {}}}},
        },
        "components": {
            "schemas": {
                "Kind": {"type": "string", "enum": ["a", "b"]},
                "ThingIn": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "kind": ref,
                        "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                        "more": {"type": "object", "properties": {"note": {"type": "string"}}},
                    },
                },
                "ThingOut": {
                    "type": "object",
                    "required": ["name", "kind"],
                    "properties": {"name": {"type": "string"}, "kind": ref, "note": {"type": "string"}},
                },
            }
        },
    }


def operation(document: Document) -> Document:
    found: Document = document["paths"]["/things/{id}"]["post"]
    return found


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


BREAKING: dict[str, Change] = {
    "an operation is removed": lambda one: one["paths"].pop("/things"),
    "an operation is renamed": lambda one: operation(one).update(operationId="alter_thing"),
    "a parameter is removed": lambda one: operation(one)["parameters"].pop(),
    "a parameter becomes required": lambda one: operation(one)["parameters"][1].update(required=True),
    "a required parameter is added": lambda one: operation(one)["parameters"].append(
        {"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}}
    ),
    "a value isn't taken any more": lambda one: operation(one)["parameters"][1]["schema"]["enum"].pop(),
    "a value of a list with a name isn't taken any more": lambda one: schema(one, "Kind")["enum"].pop(),
    "a body becomes required": lambda one: operation(one)["requestBody"].update(required=True),
    "a member isn't taken any more": lambda one: schema(one, "ThingIn")["properties"].pop("size"),
    "a member becomes required": lambda one: schema(one, "ThingIn")["required"].append("size"),
    "a type isn't taken any more": lambda one: schema(one, "ThingIn")["properties"]["size"]["anyOf"].pop(),
    "a member of a member becomes required": lambda one: schema(one, "ThingIn")["properties"]["more"].update(
        required=["note"]
    ),
    "a member of a member is removed": lambda one: schema(one, "ThingIn")["properties"]["more"]["properties"].clear(),
    "a member isn't returned any more": lambda one: schema(one, "ThingOut")["properties"].pop("kind"),
    "a member isn't always returned": lambda one: schema(one, "ThingOut")["required"].pop(),
    "a member may be null": lambda one: schema(one, "ThingOut")["properties"]["name"].update(type=["string", "null"]),
    "another schema is returned": lambda one: operation(one)["responses"]["200"]["content"]["application/json"].update(
        schema={"$ref": "#/components/schemas/ThingOut"}
    ),
    "JSON isn't returned any more": lambda one: operation(one)["responses"]["200"]["content"].clear(),
}
HARMLESS: dict[str, Change] = {
    "an operation is added": lambda one: one["paths"].update(
        {"/more": {"get": {"operationId": "more", "responses": {}, "parameters": []}}}
    ),
    "a parameter is added": lambda one: operation(one)["parameters"].append(
        {"in": "query", "name": "q", "schema": {"type": "string"}}
    ),
    "a value is taken and returned": lambda one: schema(one, "Kind")["enum"].append("c"),
    "a type is taken": lambda one: schema(one, "ThingIn")["properties"]["name"].update(type=["string", "null"]),
    "nothing is required any more": lambda one: schema(one, "ThingIn")["required"].clear(),
    "a member with required members is taken": lambda one: schema(one, "ThingIn")["properties"].update(
        new={"type": "object", "required": ["x"], "properties": {"x": {"type": "string"}}}
    ),
    "a member is returned": lambda one: schema(one, "ThingOut")["properties"].update(new={"type": "string"}),
    "a member is always returned": lambda one: schema(one, "ThingOut")["required"].append("note"),
    "a refusal is added": lambda one: operation(one)["responses"].update({"409": {}}),
    "texts change": lambda one: operation(one).update(summary="Another", description="Another"),
}


def changed(*changes: Change, before: Document | None = None) -> list[Line]:
    made = deepcopy(before or given_document())
    for change in changes:
        change(made)
    return contract(made)


@pytest.mark.parametrize("name", BREAKING)
def test_a_break_is_noticed(name: str) -> None:
    assert breaks(changed(), changed(BREAKING[name]), TODAY) != []


@given(st.sets(st.sampled_from(sorted(HARMLESS))), st.sets(st.sampled_from(sorted(HARMLESS))))
def test_what_is_added_breaks_nothing(first: set[str], then: set[str]) -> None:
    old = [HARMLESS[name] for name in sorted(first)]
    assert breaks(changed(*old), changed(*old, *(HARMLESS[name] for name in sorted(then - first))), TODAY) == []


def retired_operation(stated: Document) -> Change:
    return lambda one: operation(one).update(stated)


def retired_member(stated: Document) -> Change:
    return lambda one: schema(one, "ThingIn")["properties"]["more"].update(stated)


@pytest.mark.parametrize(
    ("retire", "remove"),
    [
        (retired_operation, lambda one: one["paths"].pop("/things/{id}")),
        (retired_member, lambda one: schema(one, "ThingIn")["properties"].pop("more")),
    ],
)
def test_what_is_deprecated_is_removed_from_its_sunset_on(retire: Callable[[Document], Change], remove: Change) -> None:
    assert breaks(changed(retire(ENDED)), changed(remove), TODAY) == []
    assert breaks(changed(retire(ENDS_LATER)), changed(remove), TODAY) != []
    assert breaks(changed(), changed(remove), TODAY) != [], "announced in what is published, not in what follows"


def test_a_sunset_is_not_moved_forward() -> None:
    assert breaks(changed(retired_member(ENDS_LATER)), changed(retired_member(ENDED)), TODAY) != []
    assert breaks(changed(retired_member(ENDED)), changed(retired_member(ENDS_LATER)), TODAY) == []
    assert breaks(changed(retired_member(ENDED)), changed(), TODAY) == [], "it may stay after all"


def test_a_deprecation_is_published_with_notice_only() -> None:
    """However long ago it says that it was announced: programs hear of it when it is published."""
    in_time = Deprecation(TODAY, TODAY + NOTICE).schema()
    assert too_soon(changed(), changed(retired_operation(ENDS_LATER)), TODAY) != []
    assert too_soon(changed(), changed(retired_operation(in_time)), TODAY) == []
    assert too_soon(changed(retired_operation(ENDS_LATER)), changed(retired_operation(ENDS_LATER)), TODAY) == []
