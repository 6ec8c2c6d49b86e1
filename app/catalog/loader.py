"""Load the services of this version from their files: read and validated once, at start."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.catalog.checks import check
from app.catalog.definition import OutcomeWording, Service
from app.catalog.rules.workflow import Workflow, validate
from app.catalog.yaml_files import CatalogInvalid, ValidationIssue, YamlDocument, parse_document, read_yaml
from app.kernel.problems import NotFound

FOLDER = Path(__file__).parent


@lru_cache
def load_services() -> dict[str, Service]:
    """Every service offered, by id.

    Raises:
        CatalogInvalid: with every issue of every file.
    """
    return load_folder(FOLDER)


def get_service(service_id: str) -> Service:
    """The service of this id, as it is offered today.

    Raises:
        NotFound: there is none.
    """
    found = load_services().get(service_id)
    if found is None:
        raise NotFound
    return found


def wording_of(service_id: str, outcome: str | None) -> OutcomeWording | None:
    """How an outcome of a service reads, where its file says so."""
    service = load_services().get(service_id)
    found = {str(name): wording for name, wording in service.wording.items()} if service else {}
    return found.get(outcome or "")


def is_answered(service_id: str) -> bool:
    """Whether a service is answered rather than granted or refused, as a complaint is: its file has words of its own
    for the end that would be a refusal."""
    return wording_of(service_id, "refused") is not None


def load_folder(folder: Path) -> dict[str, Service]:
    """The services of a folder (`services/`, `workflows/`).

    Raises:
        CatalogInvalid: with every issue of every file, or if there is no file.
    """
    paths = sorted((folder / "services").glob("*.yaml"))
    if not paths:
        raise CatalogInvalid([ValidationIssue("services", 1, "the folder has no file NAME.yaml")])
    issues: list[ValidationIssue] = []
    workflows = _load_workflows(folder / "workflows", issues)
    made: dict[str, Service] = {}
    for path in paths:
        try:
            document = read_yaml(path)
            service = parse_document(_resolve_workflow(document, workflows), Service)
        except CatalogInvalid as error:
            issues += error.issues
            continue
        issues += check(service, document, path.stem)
        made[service.id] = service
    if issues:
        raise CatalogInvalid(issues)
    return made


def _load_workflows(folder: Path, issues: list[ValidationIssue]) -> dict[str, Any]:
    """Load the shared workflows by name; None for an invalid one."""
    made: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read_yaml(path)
            workflow = parse_document(document, Workflow)
        except CatalogInvalid as error:
            issues += error.issues
            made[path.stem] = None
            continue
        if workflow.id != path.stem:
            issues.append(document.issue(("id",), f"the file is called {path.name}"))
        issues += [document.issue(("states",), fault) for fault in validate(workflow)]
        made[path.stem] = document.data
    return made


def _resolve_workflow(document: YamlDocument, workflows: dict[str, Any]) -> YamlDocument:
    """Resolve the workflow of a file: a shared one by name, or its own."""
    name = document.data.get("workflow")
    if not isinstance(name, str):
        return document
    if name not in workflows:
        raise CatalogInvalid([document.issue(("workflow",), f"there is no workflow {name!r}: {sorted(workflows)}")])
    if workflows[name] is None:
        raise CatalogInvalid([])
    return YamlDocument(document.file, document.data | {"workflow": workflows[name]}, document.lines)


def definition_of(service: Service) -> dict[str, Any]:
    """Return the whole service as plain JSON: what is stored of a version."""
    plain: dict[str, Any] = service.model_dump(mode="json", by_alias=True)
    return plain


def digest_of(definition: dict[str, Any]) -> str:
    """Return the digest of a definition."""
    text = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
