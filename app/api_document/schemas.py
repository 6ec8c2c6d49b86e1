"""Schemas as other people's generators read them: unique names, files as binary, and no null where none can be sent."""

import json
import re
from typing import Any

Schema = dict[str, Any]
PREFIX = "#/components/schemas/"
_OF_FORM = re.compile(r"Body_(\w+)")
_SPLIT = re.compile(r"(\w+?)(In)?-(Input|Output)")


def resolve(document: dict[str, Any], schema: Schema) -> Schema:
    """The schema itself, where it is a reference."""
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def plain_name(name: str) -> str:
    """A schema's name without the framework's marks: `Body_attach_document` is AttachDocumentForm, `ReleaseIn-Output`,
    of a body that answers have too, is ReleaseOut."""
    form = _OF_FORM.fullmatch(name)
    if form:
        return "".join(part.capitalize() for part in form[1].split("_")) + "Form"
    split = _SPLIT.fullmatch(name)
    if split:
        return split[1] + ("Out" if split[3] == "Output" else split[2] or "")
    return name


def rename(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with plain names.

    Raises:
        ValueError: two schemas would have the same name.
    """
    schemas = document["components"]["schemas"]
    names = {name: plain_name(name) for name in schemas}
    if len(set(names.values())) < len(names):
        raise ValueError(f"schemas of the same name: {sorted(names.values())}")
    text = json.dumps(document, ensure_ascii=False)
    for old, new in names.items():
        if old != new:
            text = text.replace(f'"{PREFIX}{old}"', f'"{PREFIX}{new}"')
    renamed: dict[str, Any] = json.loads(text)
    made = renamed["components"]["schemas"]
    for old, new in names.items():
        schema = made.pop(old)
        if old != new:
            schema["title"] = new
        made[new] = schema
    return renamed


def mend(schema: Any) -> None:
    """Mend a schema and those in it, in place: a file is `format: binary`, as generators know it, beside the
    `contentMediaType` of JSON Schema; titles that only repeat the name are left out."""
    if isinstance(schema, list):
        for one in schema:
            mend(one)
    if not isinstance(schema, dict):
        return
    if schema.pop("contentMediaType", None) == "application/octet-stream":
        schema["format"] = "binary"
    for name, one in schema.get("properties", {}).items():
        if isinstance(one, dict) and one.get("title", "").lower().replace(" ", "_") == name.lower():
            del one["title"]
    for one in schema.values():
        mend(one)


def without_null(schema: Schema) -> Schema:
    """The schema of a parameter: no address and no header has null."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    left = {name: value for name, value in schema.items() if name not in ("anyOf", "title")}
    if len(kinds) == 1:
        return dict(kinds[0], **left)
    return left | ({"anyOf": kinds} if kinds else {})
