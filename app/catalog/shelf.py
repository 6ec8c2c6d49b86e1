"""The services as the files of this version say: read and checked once, at start."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.catalog.checks import check
from app.catalog.definition import OutcomeWording, Service
from app.catalog.reading import CatalogInvalid, Document, Mistake, parse, read
from app.catalog.rules.machine import Workflow, faults
from app.kernel.problems import NotFound

FOLDER = Path(__file__).parent


@lru_cache
def shelf() -> dict[str, Service]:
    """Every service offered, by id.

    Raises:
        CatalogInvalid: with every mistake of every file.
    """
    return load(FOLDER)


def service_of(service_id: str) -> Service:
    """The service of this id, as it is offered today.

    Raises:
        NotFound: there is none.
    """
    found = shelf().get(service_id)
    if found is None:
        raise NotFound
    return found


def wording_of(service_id: str, outcome: str | None) -> OutcomeWording | None:
    """How an outcome of a service reads, where its file says so."""
    service = shelf().get(service_id)
    found = {str(name): wording for name, wording in service.wording.items()} if service else {}
    return found.get(outcome or "")


def is_answered(service_id: str) -> bool:
    """Whether a service is answered rather than granted or refused, as a complaint is: its file has words of its own
    for the end that would be a refusal."""
    return wording_of(service_id, "refused") is not None


def load(folder: Path) -> dict[str, Service]:
    """The services of a folder (`services/`, `workflows/`).

    Raises:
        CatalogInvalid: with every mistake of every file; or there is no file.
    """
    paths = sorted((folder / "services").glob("*.yaml"))
    if not paths:
        raise CatalogInvalid([Mistake("services", 1, "the folder has no file NAME.yaml")])
    mistakes: list[Mistake] = []
    workflows = _workflows(folder / "workflows", mistakes)
    made: dict[str, Service] = {}
    for path in paths:
        try:
            document = read(path)
            service = parse(_with_workflow(document, workflows), Service)
        except CatalogInvalid as error:
            mistakes += error.mistakes
            continue
        mistakes += check(service, document, path.stem)
        made[service.id] = service
    if mistakes:
        raise CatalogInvalid(mistakes)
    return made


def _workflows(folder: Path, mistakes: list[Mistake]) -> dict[str, Any]:
    """The shared machines by name; None for one whose own mistakes are enough."""
    made: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read(path)
            workflow = parse(document, Workflow)
        except CatalogInvalid as error:
            mistakes += error.mistakes
            made[path.stem] = None
            continue
        if workflow.id != path.stem:
            mistakes.append(document.mistake(("id",), f"the file is called {path.name}"))
        mistakes += [document.mistake(("states",), fault) for fault in faults(workflow)]
        made[path.stem] = document.data
    return made


def _with_workflow(document: Document, workflows: dict[str, Any]) -> Document:
    """A file may name a shared machine or bring its own."""
    name = document.data.get("workflow")
    if not isinstance(name, str):
        return document
    if name not in workflows:
        raise CatalogInvalid([document.mistake(("workflow",), f"there is no workflow {name!r}: {sorted(workflows)}")])
    if workflows[name] is None:
        raise CatalogInvalid([])
    return Document(document.file, document.data | {"workflow": workflows[name]}, document.lines)


def definition_of(service: Service) -> dict[str, Any]:
    """The whole service as plain JSON: what is kept of a version."""
    plain: dict[str, Any] = service.model_dump(mode="json", by_alias=True)
    return plain


def digest_of(definition: dict[str, Any]) -> str:
    """What makes two definitions the same."""
    text = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
