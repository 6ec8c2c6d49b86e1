"""The smallest instance of a JSON schema: enough for a body that a route takes, or an answer that it gave."""

from typing import Any

STRINGS = {
    "uuid": "01a22d62-cb63-77d2-b47f-83a8e741732e",
    "date": "2026-11-30",
    "date-time": "2026-11-30T12:00:00Z",
    "time": "08:00:00",
    "uri": "https://example.mx/",
    "email": "ana@ejemplo.mx",
}


def instance(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An instance of a schema of the OpenAPI document, with what is required of it."""
    if "$ref" in schema:
        return instance(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    if schema.get("enum") or schema.get("examples"):
        return (schema.get("enum") or schema["examples"])[0]
    for part in ("anyOf", "oneOf", "allOf"):
        if part in schema:
            return instance(schema[part][0], schemas)
    kind = schema.get("type", "")
    if kind == "object":
        inner = schema.get("properties", {})
        return {name: instance(inner[name], schemas) for name in schema.get("required", ())}
    if kind == "array":
        return [instance(schema["items"], schemas) for _number in range(schema.get("minItems", 0))]
    if kind == "string":
        return STRINGS.get(schema.get("format", ""), "una palabra"[: schema.get("maxLength", 11)])
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True}.get(kind)
