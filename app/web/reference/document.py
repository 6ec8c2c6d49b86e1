"""The OpenAPI document as its pages show it: operations by tag, their parts as rows, schemas by name."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from app.kernel.http.deprecation import Deprecation, deprecation_of

REF = "#/components/schemas/"
OTHER = "other"
LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
}
"""What the document limits, in its own language, which is English."""
PROBLEM = "application/problem+json"
DEPTH = 4
"""How far an example of a body goes into schemas within schemas."""

Part = tuple[str, str]
"""A piece of a type: its text, and the schema that it names, if any."""


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of a schema."""

    name: str
    place: str
    kind: tuple[Part, ...]
    is_required: bool
    description: str
    limits: tuple[str, ...]
    values: tuple[str, ...]
    default: str
    example: str
    deprecation: Deprecation | None
    is_file: bool


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one media type. `members` are those of a form; `example` is a text to begin with."""

    media: str
    kind: tuple[Part, ...]
    members: tuple[Member, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a status means, in what types it comes; of refusals, the slugs of the problems."""

    status: str
    description: str
    contents: tuple[Content, ...]
    problems: tuple[str, ...]
    headers: tuple[str, ...]

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with all that a program needs to call it. `security` names schemes, each with its scopes; without
    any, or with an empty one, no token is needed."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    security: tuple[Part, ...]
    is_open: bool
    parameters: tuple[Member, ...]
    bodies: tuple[Content, ...]
    answers: tuple[Answer, ...]
    deprecation: Deprecation | None


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema by its name: its members, or the type and values that it stands for."""

    name: str
    description: str
    kind: tuple[Part, ...]
    members: tuple[Member, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole document."""

    version: str
    operations: dict[str, Operation]
    sections: dict[str, list[Operation]]
    descriptions: dict[str, str]
    schemas: tuple[Schema, ...]
    common: tuple[str, ...]
    """Problems of every operation."""
    common_headers: tuple[str, ...]
    """Headers of every successful answer."""


def read_document(document: dict[str, Any]) -> Reference:
    """Return the document in the order in which it lists tags and paths; schemas by their names."""
    reader = _Reader(document.get("components", {}))
    operations = {
        operation["operationId"]: reader.operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    tags = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    sections: defaultdict[str, list[Operation]] = defaultdict(list, {name: [] for name in tags})
    for one in operations.values():
        sections[one.tag].append(one)
    return Reference(
        version=document["info"]["version"],
        operations=operations,
        sections={name: listed for name, listed in sections.items() if listed},
        descriptions=tags,
        schemas=tuple(reader.schema(name) for name in sorted(reader.schemas)),
        common=_in_each([{slug for answer in one.answers for slug in answer.problems} for one in operations.values()]),
        common_headers=_in_each(
            [set(answer.headers) for one in operations.values() for answer in one.answers if answer.is_success]
        ),
    )


def _in_each(found: list[set[str]]) -> tuple[str, ...]:
    return tuple(sorted(set.intersection(*found))) if found else ()


@dataclass(frozen=True, slots=True)
class _Reader:
    components: dict[str, Any]

    @property
    def schemas(self) -> dict[str, Any]:
        found: dict[str, Any] = self.components.get("schemas", {})
        return found

    def named(self, stated: dict[str, Any]) -> dict[str, Any]:
        """A response, header or example, or the one of the components that it names."""
        if "$ref" not in stated:
            return stated
        _hash, _components, kind, name = stated["$ref"].split("/")
        found: dict[str, Any] = self.components[kind][name]
        return found

    def operation(self, method: str, path: str, operation: dict[str, Any]) -> Operation:
        required = operation.get("security", [])
        return Operation(
            name=operation["operationId"],
            method=method.upper(),
            path=path,
            tag=next(iter(operation.get("tags", ())), OTHER),
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            security=tuple((name, ", ".join(scopes)) for one in required for name, scopes in one.items()),
            is_open=not required or {} in required,
            parameters=tuple(self._parameter(one) for one in operation.get("parameters", ())),
            bodies=self._contents(operation.get("requestBody", {})),
            answers=tuple(self._answer(status, one) for status, one in operation["responses"].items()),
            deprecation=deprecation_of(operation),
        )

    def schema(self, name: str) -> Schema:
        schema = self.schemas[name]
        is_object = "properties" in schema
        return Schema(
            name=name,
            description=schema.get("description", ""),
            kind=() if is_object else self._kind(schema),
            members=self._members(schema),
            values=_values(schema),
        )

    def _parameter(self, stated: dict[str, Any]) -> Member:
        schema = stated.get("schema", {})
        given = {name: stated[name] for name in ("description", "example") if name in stated}
        return self._member(stated["name"], schema | given, stated.get("required", False), stated["in"])

    def _members(self, schema: dict[str, Any]) -> tuple[Member, ...]:
        required = schema.get("required", ())
        return tuple(
            self._member(name, one, name in required, "body") for name, one in schema.get("properties", {}).items()
        )

    def _member(self, name: str, schema: dict[str, Any], is_required: bool, place: str) -> Member:
        inner = _present(schema)
        return Member(
            name=name,
            place=place,
            kind=self._kind(schema),
            is_required=is_required,
            description=schema.get("description", ""),
            limits=tuple(text.format(_text(inner[limit])) for limit, text in LIMITS.items() if limit in inner),
            values=_values(inner),
            default=_text(schema["default"]) if schema.get("default") is not None else "",
            example=_text(example) if (example := _example_of(schema, inner)) is not None else "",
            deprecation=deprecation_of(schema),
            is_file=_is_file(inner) or _is_file(inner.get("items", {})),
        )

    def _answer(self, status: str, stated: dict[str, Any]) -> Answer:
        stated = self.named(stated)
        problems = stated.get("content", {}).get(PROBLEM, {}).get("examples", {})
        return Answer(
            status=status,
            description="" if problems else stated.get("description", ""),
            contents=() if problems else self._contents(stated),
            problems=tuple(problems),
            headers=tuple(stated.get("headers", ())),
        )

    def _contents(self, stated: dict[str, Any]) -> tuple[Content, ...]:
        return tuple(self._content(media, one) for media, one in stated.get("content", {}).items())

    def _content(self, media: str, stated: dict[str, Any]) -> Content:
        schema = stated.get("schema", {})
        whole = self._followed(schema)
        is_form = media.startswith(("multipart/", "application/x-www-form-urlencoded"))
        examples = [self.named(one).get("value") for one in stated.get("examples", {}).values()]
        given = stated.get("example", next(iter(examples), None))
        made = given if given is not None else self._made(schema, DEPTH)
        text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False, indent=2)
        return Content(
            media=media,
            kind=self._kind(schema),
            members=self._members(whole) if is_form else (),
            example="" if is_form else text,
        )

    def _followed(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").removeprefix(REF)
        found: dict[str, Any] = self.schemas[name] if name else schema
        return found

    def _kind(self, schema: dict[str, Any]) -> tuple[Part, ...]:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(REF)
            return ((name, name),)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return _joined(" or " if choice != "allOf" else " and ", [self._kind(one) for one in schema[choice]])
        kinds = schema.get("type", "any")
        if not isinstance(kinds, str):
            return _joined(" or ", [self._kind(schema | {"type": one}) for one in kinds])
        if kinds == "array":
            return (("array of ", ""), *self._kind(schema.get("items", {})))
        if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
            return (("object of ", ""), *self._kind(schema["additionalProperties"]))
        return ((f"{kinds} ({schema['format']})" if "format" in schema else kinds, ""),)

    def _made(self, schema: dict[str, Any], depth: int) -> Any:
        """A value of the schema, from what it says of itself: examples, defaults and first values."""
        inner = self._followed(_present(self._followed(schema)))
        example = _example_of(schema, inner)
        if example is not None or depth == 0:
            return example
        if values := inner.get("enum", [inner["const"]] if "const" in inner else []):
            return values[0]
        match inner.get("type"):
            case "object":
                members = inner.get("properties", {})
                return {name: self._made(members[name], depth - 1) for name in members if _is_wanted(inner, name)}
            case "array":
                return [self._made(inner.get("items", {}), depth - 1)]
            case "integer" | "number":
                return inner.get("minimum", 1)
            case "boolean":
                return False
            case "string":
                return FORMATS.get(inner.get("format", ""), "…")
        return None


FORMATS = {
    "uuid": "0192f0c4-7a51-7b6e-9d3a-3f2d8a6b1c55",
    "date": "2026-11-24",
    "date-time": "2026-11-24T08:20:00-06:00",
    "time": "08:20",
    "uri": "https://example.mx/",
    "email": "persona@ejemplo.mx",
}


def _is_wanted(schema: dict[str, Any], name: str) -> bool:
    return name in schema.get("required", ())


def _joined(sign: str, kinds: list[tuple[Part, ...]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for kind in kinds:
        parts += [(sign, ""), *kind] if parts else kind
    return tuple(parts)


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that is there: of one or nothing, the one."""
    found = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return found[0] if len(found) == 1 else schema


def _example_of(schema: dict[str, Any], inner: dict[str, Any]) -> Any:
    for one in (schema, inner):
        if "example" in one:
            return one["example"]
        if one.get("examples"):
            return one["examples"][0]
    return schema.get("default")


def _values(schema: dict[str, Any]) -> tuple[str, ...]:
    listed = schema.get("enum", schema.get("items", {}).get("enum", ()))
    return tuple(_text(value) for value in listed)


def _is_file(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
