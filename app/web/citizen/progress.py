"""How far a request is: the steps behind it, the one it is at, and those ahead with the latest day of the decision."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from app.catalog.definition import Service
from app.kernel.i18n import _, format_day
from app.requests.rules.forms import applicable, validation_errors
from app.requests.schemas import RequestDetailOut
from app.web.citizen.fields import steps_of

if TYPE_CHECKING:
    from app.requests.models import Request

Stand = Literal["done", "now", "ahead"]
ATTENDED = "request.visit-attended"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a request: its name, where it stands, and what is known of it."""

    name: str
    stand: Stand
    detail: str = ""


def stages_of(request: Request, service: Service, happened: Collection[str], received_on: date | None) -> list[Stage]:
    """The steps of a request that is under way; none of a draft or of one that ended. `happened`: the types of its
    events."""
    if request.kind in ("draft", "final"):
        return []
    came = ATTENDED in happened
    made = [Stage(_("Recibida"), "done", format_day(received_on) if received_on else "")]
    made.append(_review(request, came=came))
    if service.visit is not None:
        made.append(Stage(_("Cita en ventanilla"), _stand(now=request.kind == "visit", done=came)))
    due = ""
    if request.kind in ("review", "checking") and request.due_on is not None:
        due = _("Se decide a más tardar el %(day)s.") % {"day": format_day(request.due_on)}
    name = _("Respuesta") if service.wording else _("Decisión")
    return [*made, Stage(name, "now" if came and request.kind == "review" else "ahead", due)]


def _review(request: Request, *, came: bool) -> Stage:
    if request.kind == "waiting":
        return Stage(_("En revisión"), "now", _("Detenida: esperamos algo de usted"))
    return Stage(_("En revisión"), _stand(now=request.kind in ("review", "checking") and not came, done=True))


def _stand(*, now: bool, done: bool) -> Stand:
    if now:
        return "now"
    return "done" if done else "ahead"


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
