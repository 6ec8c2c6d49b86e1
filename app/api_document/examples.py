"""An example of every body, made from its schema: the schema's own examples first, then the usual values by name."""

from typing import Any

from app.api_document.schemas import PREFIX, Schema, resolve
from app.api_document.vocabulary import BY_FORMAT, BY_NAME
from app.kernel.http.merge_patch import MERGE_PATCH

Document = dict[str, Any]
JSON = "application/json"
MAX_DEPTH = 8
FORMS = (JSON, MERGE_PATCH, "multipart/form-data", "application/x-www-form-urlencoded")


def add(document: Document) -> None:
    """Give every JSON body and form its example, as a component where its schema is one."""
    for operations in document["paths"].values():
        for operation in operations.values():
            bodies = [(operation["requestBody"], True)] if "requestBody" in operation else []
            bodies += [(one, False) for one in operation["responses"].values()]
            for body, is_sent in bodies:
                for kind, content in body.get("content", {}).items():
                    if kind in FORMS and not {"example", "examples"} & content.keys() and content.get("schema"):
                        _give(document, content, is_sent=is_sent)
    document["components"]["examples"] = dict(sorted(document["components"]["examples"].items()))


def _give(document: Document, content: dict[str, Any], *, is_sent: bool) -> None:
    schema = content["schema"]
    name = schema.get("$ref", "").removeprefix(PREFIX)
    items = schema.get("items", {}).get("$ref", "").removeprefix(PREFIX)
    value = example_of(document, schema, is_sent=is_sent)
    if not name and not items:
        content["example"] = value
        return
    component = f"{name}Example" if name else f"{items}ListExample"
    document["components"]["examples"].setdefault(component, {"value": value})
    content["examples"] = {"default": {"$ref": f"#/components/examples/{component}"}}


def example_of(document: Document, schema: Schema, name: str = "", *, is_sent: bool, depth: int = 0) -> Any:
    """Return a value of a schema.

    Args:
        name: of the property that it is.
        is_sent: of a request: what may be left out is, unless it has an example.
    """
    if "$ref" in schema:
        schema = resolve(document, schema)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "const" in schema:
        return schema["const"]
    kinds = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, ())]
    if kinds:
        chosen = next((one for one in kinds if one.get("type") != "null"), kinds[0])
        return example_of(document, chosen, name, is_sent=is_sent, depth=depth)
    return _of_type(document, schema, name, is_sent=is_sent, depth=depth)


def _of_type(document: Document, schema: Schema, name: str, *, is_sent: bool, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(document, schema, name, is_sent=is_sent, depth=depth)
        case "array":
            return _array(document, schema, name, is_sent=is_sent, depth=depth)
        case "string":
            return _text(schema, name)
        case "boolean":
            return bool(BY_NAME.get(name, False))
        case "integer" | "number":
            return _number(schema, name)
    return None


def _object(document: Document, schema: Schema, name: str, *, is_sent: bool, depth: int) -> Any:
    properties: dict[str, Schema] = schema.get("properties", {})
    if not properties:
        known = BY_NAME.get(name)
        return known if isinstance(known, dict) else {}
    needed = schema.get("required", ())
    shown = [one for one, inner in properties.items() if one in needed or not is_sent or "examples" in _kind_of(inner)]
    if depth > MAX_DEPTH:
        shown = list(needed)
    return {one: example_of(document, properties[one], one, is_sent=is_sent, depth=depth + 1) for one in shown}


def _kind_of(schema: Schema) -> Schema:
    """The schema with what its alternatives say, to see whether one has an example."""
    return schema | {key: value for one in schema.get("anyOf", ()) for key, value in one.items() if key == "examples"}


def _array(document: Document, schema: Schema, name: str, *, is_sent: bool, depth: int) -> Any:
    known = BY_NAME.get(name)
    if isinstance(known, list) and schema.get("items", {}).get("type") == "string" and "enum" not in schema["items"]:
        return known
    if depth > MAX_DEPTH:
        return []
    return [example_of(document, schema.get("items", {}), name, is_sent=is_sent, depth=depth + 1)]


def _text(schema: Schema, name: str) -> str:
    kind = schema.get("format")
    known = BY_NAME.get(name)
    if isinstance(known, str) and (kind in (None, "binary", "uri-reference") or name.endswith(("_at", "_on"))):
        return known if len(known) >= schema.get("minLength", 0) else known.ljust(schema["minLength"], "x")
    if kind in BY_FORMAT:
        return BY_FORMAT[kind]
    return "texto"[: schema.get("maxLength", 5)].ljust(schema.get("minLength", 0), "x")


def _number(schema: Schema, name: str) -> Any:
    known = BY_NAME.get(name)
    low: float = schema.get("minimum", 0)
    high: float = schema.get("maximum", 10**9)
    if isinstance(known, int | float) and low <= known <= high:
        return known
    return min(max(1, low), high)
