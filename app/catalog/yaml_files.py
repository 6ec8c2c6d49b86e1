"""YAML files with the line of each value, so that an issue is reported at its line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser  # type: ignore[attr-defined] # its stubs don't export it
from yaml.reader import ReaderError
from yaml.resolver import Resolver

FieldPath = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ValidationIssue:
    """An issue in a file and its line."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CatalogInvalid(RuntimeError):  # noqa: N818 # names a state
    """Service files with issues; the message has one line each."""

    def __init__(self, issues: list[ValidationIssue]) -> None:
        super().__init__("\n".join(str(issue) for issue in issues))
        self.issues = issues


class _Loader(Composer, CParser, SafeConstructor, Resolver):
    """YAML without implicit dates and aliases.

    Parsed by libyaml: every process reads all files at start, which took half a second in Python.
    """

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark: Any = self.peek_event()
            raise yaml.MarkedYAMLError(problem="no aliases here: write it out", problem_mark=mark.start_mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A file's data, and the line each part begins at."""

    file: str
    data: Any
    lines: dict[FieldPath, int]

    def line_of(self, place: FieldPath) -> int:
        """The line of a part, or of the nearest part around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1

    def issue(self, place: FieldPath, message: str) -> ValidationIssue:
        where = ".".join(str(part) for part in place)
        return ValidationIssue(self.file, self.line_of(place), f"{where}: {message}" if where else message)


def read_yaml(path: Path) -> YamlDocument:
    """A YAML file with its lines.

    Raises:
        CatalogInvalid: it isn't YAML, isn't a mapping, or says a key twice.
    """
    text = _read_text(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _invalid(path, 1, "the file is empty" if node is None else "the file must be a mapping: `key: value`")
        lines: dict[FieldPath, int] = {}
        twice = list(_walk(node, (), lines))
        if twice:
            raise CatalogInvalid([ValidationIssue(path.name, line, f"{key!r} is said twice") for key, line in twice])
        return YamlDocument(path.name, loader.construct_document(node), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _invalid(path, mark.line + 1 if mark else 1, error.problem or "not YAML") from error
    except ReaderError as error:
        raise _invalid(path, text.count("\n", 0, error.position) + 1, "a character YAML doesn't allow") from error


def _read_text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _invalid(path, data.count(b"\n", 0, error.start) + 1, "the file isn't UTF-8") from error


def _invalid(path: Path, line: int, message: str) -> CatalogInvalid:
    return CatalogInvalid([ValidationIssue(path.name, line, message)])


def _walk(node: yaml.Node, place: FieldPath, lines: dict[FieldPath, int]) -> list[tuple[str, int]]:
    lines.setdefault(place, node.start_mark.line + 1)
    twice: list[tuple[str, int]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # building the data says that it can't be a key
            if key.value in seen:
                twice.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
            lines[(*place, key.value)] = key.start_mark.line + 1
            twice += _walk(value, (*place, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            twice += _walk(item, (*place, position), lines)
    return twice


def parse_document(document: YamlDocument, kind: type[Model]) -> Model:
    """The file as this model.

    Raises:
        CatalogInvalid: one line for each value that isn't as it should be.
    """
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        issues = [document.issue(tuple(one["loc"]), one["msg"]) for one in error.errors()]
        raise CatalogInvalid(issues) from error
