"""What crosses HTTP about the queue: what waits, what was claimed or found, and each request of many."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from app.catalog.rules.workflow import StateKind
from app.kernel.i18n import Language
from app.kernel.schemas import FromRow
from app.requests.rules.kinds import Queue, WorkItemKind
from app.requests.schemas import RegistryChangeOut, RequestOutcome


class ClaimedOut(FromRow):
    """A request the officer now has; send a heartbeat before `lease_until`."""

    folio: str
    service: str
    due_on: date
    lease_until: datetime


class WaitingOut(FromRow):
    """A line of the queue. `kind`: to be decided (`decision`), or a `message` to be answered. `is_excluded`: it is the
    appeal of a refusal that the caller took part in."""

    folio: str
    service: str
    unit_id: UUID
    unit_name: str | None
    role: Queue
    kind: WorkItemKind
    due_on: date
    submitted_at: datetime
    language: Language
    holder_id: UUID | None
    holder_name: str | None
    held_since: datetime | None
    lease_until: datetime | None
    escalated_at: datetime | None
    is_excluded: bool
    full_name: str


class FoundOut(FromRow):
    """A request a search found."""

    folio: str
    service: str
    status: str
    kind: StateKind
    outcome: RequestOutcome | None
    full_name: str
    curp: str
    submitted_at: datetime
    due_on: date | None


class CountsOut(FromRow):
    """How much waits in the queue: in all, free, late, due today, near its deadline (`due_soon`); what the actor has;
    what was escalated; messages to answer. Beside it, what waits for its citizen's answer, or for a visit."""

    waiting: int
    free: int
    overdue: int
    due_today: int
    due_soon: int
    mine: int
    escalated: int
    messages: int
    awaiting_answer: int
    awaiting_visit: int


class FieldErrorOut(BaseModel):
    """An answer that stands in the way, and why."""

    field: str
    code: str
    message: str


class BulkResultOut(BaseModel):
    """One request of many: its outcome and what it changes in the registry; or the problem that stands in the way, what
    is wrong in words, what to do about it, and the answers that it is about."""

    folio: str
    outcome: str | None
    problem: str | None
    title: str | None
    detail: str | None = None
    next_step: str | None = None
    fields: list[FieldErrorOut] = []
    changes: list[RegistryChangeOut] = []
