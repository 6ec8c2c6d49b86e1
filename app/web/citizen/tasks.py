"""What is left to do of a draft, as a list of tasks: each page of the form, the documents, the review."""

from dataclasses import dataclass

from app.catalog.definition import Service
from app.kernel.i18n import _
from app.requests.rules.forms import applicable, validation_errors
from app.requests.schemas import RequestDetailOut
from app.web.citizen.fields import steps_of


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a draft, where it is done, and whether it is."""

    name: str
    path: str
    is_done: bool


def tasks_of(service: Service, draft: RequestDetailOut) -> list[Task]:
    """The parts in their order; the first that isn't done is where to go on. Handing it in is never done here."""
    base = f"/tramites/{draft.folio}"
    wrong = {error.field for error in validation_errors(service, applicable(service, draft.answers), whole=True)}
    tasks = [
        Task(
            str(step.page.title),
            f"{base}/paso/{step.number}",
            not any(asked.name in wrong for asked in step.fields),
        )
        for step in steps_of(service, draft.answers)
    ]
    if service.documents:
        there = {document.kind for document in draft.documents}
        missing = [needed for needed in draft.required_documents if needed.required and needed.kind not in there]
        tasks.append(Task(_("Documentos"), f"{base}/documentos", not missing))
    return [*tasks, Task(_("Revise y envíe"), f"{base}/revisar", False)]
