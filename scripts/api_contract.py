"""What the API promises to programs, a line each: `docs/api-contract.txt` holds the lines that are published, and a
test refuses a document that breaks one before its sunset.

    .venv/bin/python -m scripts.api_contract            what would break
    .venv/bin/python -m scripts.api_contract --publish   write the lines, as part of a release

| line | promise |
|---|---|
| `serve GET /x list_x` | the operation, and the name that generated clients call it by |
| `take OWNER MEMBER TYPE` | a parameter, body or member that may be sent, with each of its types and values |
| `need OWNER MEMBER` | must be sent: no other may join what existed |
| `return OWNER MEMBER` | is always in a response |
| `show OWNER MEMBER TYPE` | what a response has there: no other type may join |
| `retire OWNER MEMBER DAY` | deprecated; from this day on (UTC) its lines may go; no earlier day may follow |

An owner is an operation or a schema; the schema of a request and that of a response have lines of their own. More
values of a list that responses name are no break: programs take them as unknown.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.kernel.http.deprecation import MEMBER, NOTICE
from app.main import create_app

FILE = Path(__file__).resolve().parent.parent / "docs" / "api-contract.txt"
REF = "#/components/schemas/"
SENT, RETURNED = "take", "show"
WHOLE = "*"
"""The member of a line that is of its whole owner."""
PROMISES = {"serve", SENT, "return"}

Line = tuple[str, ...]


def contract(document: dict[str, Any]) -> list[Line]:
    """Return the lines of a document, sorted."""
    components = document.get("components", {})
    found = _Reader(components.get("schemas", {}), components.get("responses", {}))
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            found.operation(f"{method.upper()} {path}", operation)
    return sorted(found.lines)


@dataclass
class _Reader:
    schemas: dict[str, Any]
    responses: dict[str, Any]
    lines: set[Line] = field(default_factory=set)
    read: set[tuple[str, str]] = field(default_factory=set)

    def operation(self, owner: str, operation: dict[str, Any]) -> None:
        self.lines.add(("serve", owner, operation["operationId"]))
        self._retired(owner, WHOLE, operation)
        for parameter in operation.get("parameters", ()):
            name = f"{parameter['in']}:{parameter['name']}"
            if parameter.get("required"):
                self.lines.add(("need", owner, name))
            self._types(SENT, owner, name, parameter["schema"])
        body = operation.get("requestBody", {})
        if body.get("required"):
            self.lines.add(("need", owner, "body"))
        for media, content in body.get("content", {}).items():
            self._types(SENT, owner, media, content.get("schema", {}))
        for status, stated in operation["responses"].items():
            answer = self.responses[stated["$ref"].rpartition("/")[2]] if "$ref" in stated else stated
            for media, content in answer.get("content", {}).items() if status.startswith("2") else ():
                name = f"{status}:{media}"
                self.lines.add(("return", owner, name))
                self._types(RETURNED, owner, name, content.get("schema", {}))

    def _members(self, way: str, owner: str, schema: dict[str, Any], inside: str = "") -> None:
        required = schema.get("required", ())
        for name, member in schema.get("properties", {}).items():
            if name in required:
                self.lines.add(("need" if way == SENT else "return", owner, inside + name))
            self._types(way, owner, inside + name, member)

    def _types(self, way: str, owner: str, name: str, schema: dict[str, Any]) -> None:
        self._retired(owner, name, schema)
        for kind in self._kinds(way, owner, name, schema):
            self.lines.add((way, owner, name, kind))

    def _retired(self, owner: str, name: str, stated: dict[str, Any]) -> None:
        if MEMBER in stated:
            self.lines.add(("retire", owner, name, stated[MEMBER]["sunset"]))

    def _kinds(self, way: str, owner: str, name: str, schema: dict[str, Any]) -> Iterator[str]:
        """The types of a value, and of one that is sent the values that it may have."""
        if "$ref" in schema:
            yield self._named(way, schema["$ref"].removeprefix(REF))
            return
        for choice in ("anyOf", "oneOf", "allOf"):
            for part in schema.get(choice, ()):
                yield from self._kinds(way, owner, name, part)
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        if values and way == SENT:
            yield from (f"={value}" for value in values)
            return
        types = schema.get("type", [])
        for kind in [types] if isinstance(types, str) else types:
            yield self._kind(way, owner, name, schema | {"type": kind})

    def _kind(self, way: str, owner: str, name: str, schema: dict[str, Any]) -> str:
        kind: str = schema["type"]
        if kind == "array":
            return f"[{self._one_of(way, owner, name, schema.get('items', {}))}]"
        if kind == "object":
            self._members(way, owner, schema, f"{name}.")
            rest = schema.get("additionalProperties")
            return f"{{{self._one_of(way, owner, name, rest)}}}" if isinstance(rest, dict) and rest else kind
        return f"{kind}:{schema['format']}" if "format" in schema else kind

    def _one_of(self, way: str, owner: str, name: str, schema: dict[str, Any]) -> str:
        return "|".join(sorted(set(self._kinds(way, owner, name, schema)))) or "any"

    def _named(self, way: str, name: str) -> str:
        """A schema by its name, read once for each way that it goes."""
        owner = f"{name} {'sent' if way == SENT else 'returned'}"
        if (way, name) not in self.read:
            self.read.add((way, name))
            schema = self.schemas[name]
            if "properties" in schema:
                self._members(way, owner, schema)
            else:
                self._types(way, owner, WHOLE, schema)
        return name


def breaks(before: Iterable[Line], after: Iterable[Line], today: date) -> list[str]:
    """Return the promises that were published and aren't kept, and the demands that weren't published; but for what was
    deprecated until today or earlier."""
    old, new = set(before), set(after)
    ends = {line[1:3]: line[3] for line in old if line[0] == "retire"}
    over = {owned for owned, day in ends.items() if date.fromisoformat(day) <= today}
    owners, known = {line[1] for line in new}, {line[1] for line in old}
    shown, taken = ({line[1:3] for line in old if line[0] == way} for way in (RETURNED, SENT))

    def is_over(line: Line) -> bool:
        return any((line[1], name) in over for name in (WHOLE, *_outward(line[2])))

    def is_lost(line: Line) -> bool:
        # Of a schema that nothing names any more, what named it was lost, and is reported.
        return line[0] == "serve" or (line[0] in PROMISES and line[1] in owners)

    def is_demanded(line: Line) -> bool:
        if line[0] == "retire":
            return line[3] < ends.get(line[1:3], "")
        if line[0] == "need":  # within something new, only who sends that is asked for more
            return line[1] in known and all((line[1], name) in taken for name in _outward(line[2])[1:])
        return line[0] == RETURNED and line[1:3] in shown

    lost = [f"lost: {' '.join(line)}" for line in sorted(old - new) if is_lost(line) and not is_over(line)]
    return lost + [f"new: {' '.join(line)}" for line in sorted(new - old) if is_demanded(line) and not is_over(line)]


def _outward(name: str) -> list[str]:
    """The name of a member, and of what it is within, outwards."""
    return [name, *(_outward(name.rpartition(".")[0]) if "." in name else [])]


def too_soon(before: Iterable[Line], after: Iterable[Line], today: date) -> list[str]:
    """Return what is deprecated newly, and ends before programs have had the notice that the policy promises."""
    added = sorted(set(after) - set(before))
    return [" ".join(line) for line in added if line[0] == "retire" and date.fromisoformat(line[3]) < today + NOTICE]


def published() -> list[Line]:
    """Return the lines of the file. Their parts are separated by a tab."""
    return [tuple(line.split("\t")) for line in FILE.read_text(encoding="utf-8").splitlines()]


def publish(lines: list[Line]) -> None:
    FILE.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def current_day() -> date:
    """Return the day by which a sunset is over: `Sunset` names an instant, midnight UTC."""
    return datetime.now(UTC).date()


def main() -> None:
    lines, today = contract(create_app().openapi()), current_day()
    before = published() if FILE.exists() else []
    if "--publish" in sys.argv:
        if soon := too_soon(before, lines, today):
            raise SystemExit("\n".join([f"these end within {NOTICE.days} days:", *soon]))
        publish(lines)
        return
    broken = breaks(before, lines, today)
    sys.stdout.write("".join(f"{line}\n" for line in broken))
    raise SystemExit(bool(broken))


if __name__ == "__main__":
    main()
