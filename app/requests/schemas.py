"""What crosses HTTP about requests: bodies within limits that refuse unknown fields, and answers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.catalog.definition import Format, TermStatus
from app.catalog.rules.eligibility.registry import Outcome as RuleOutcome
from app.catalog.rules.workflow import Action, Outcome, StateKind
from app.kernel.i18n import Language
from app.kernel.schemas import FromRow, Incoming
from app.requests.rules.checks import REASONS
from app.requests.rules.kinds import Due, MessageKind, Queue, WorkItemKind, WorkKind

Answer = Annotated[str, Field(max_length=4_000)] | bool | int | float | None
Answers = Annotated[
    dict[Annotated[str, Field(max_length=60)], Answer],
    Field(max_length=60, description="By the properties of the service's form; null forgets one."),
]
Body = Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\S[^\x00]*$")]
Code = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
FolioText = Annotated[str, Field(max_length=20)]


class StartIn(Incoming):
    """Begin a request for oneself, a dependant, or who gave consent. Instant services are answered at once."""

    service: Annotated[str, Field(max_length=60, examples=["weeks"])]
    person_id: UUID | None = None
    answers: Answers = {}


class SaveIn(Incoming):
    """Answers of a page. `seconds`: how long the person was at it."""

    answers: Answers
    page: Code | None = None
    seconds: Annotated[float | None, Field(ge=0, le=86_400)] = None


class MessageIn(Incoming):
    """A message to the other side; `note` is for staff only."""

    body: Body
    note: bool = False


class AnswerIn(Incoming):
    """What was asked for, besides the documents attached before."""

    body: Body
    answers: Answers = {}


class AppealIn(Incoming):
    """Why it should be looked at again: the internal review."""

    body: Body


class FeedbackIn(Incoming):
    """The one question, and how satisfied (1 to 5). Both optional."""

    would_have_visited: bool | None = None
    satisfaction: Annotated[int | None, Field(ge=1, le=5)] = None


class ClaimIn(Incoming):
    """Which part of the queue to take from, by the filters of `GET /work`; empty is all of the actor's."""

    unit_id: UUID | None = None
    services: Annotated[list[Code] | None, Field(max_length=50)] = None
    state: Literal["free", "escalated"] | None = None
    due: Due | None = None
    due_until: date | None = None
    waiting_days: Annotated[int | None, Field(ge=0, le=3_650)] = None
    language: Literal["es", "en"] | None = None
    kind: WorkKind | None = None


class SearchIn(Incoming):
    """What is looked for: a folio, a CURP, an NSS or words of a name."""

    q: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


class AskIn(Incoming):
    """What the citizen owes: documents by kind, answers by name, and why."""

    body: Body
    documents: Annotated[list[Code], Field(max_length=20)] = []
    fields: Annotated[list[Code], Field(max_length=40)] = []


class DecideIn(Incoming):
    """A decision with its reasons (codes of the service) and the words the citizen reads."""

    action: Literal["approve", "refuse", "confirm", "refer"]
    reasons: Annotated[list[Code], Field(max_length=10)] = []
    message: Annotated[str, Field(max_length=4_000, pattern=r"^[^\x00]*$")] = ""


class BulkIn(DecideIn):
    """The same decision for many; `preview` says what would happen and changes nothing."""

    folios: Annotated[list[FolioText], Field(min_length=1, max_length=50)]
    preview: bool = True


class AssignIn(Incoming):
    """Who gets it."""

    staff_id: UUID


class BulkAssignIn(AssignIn):
    """Who gets these."""

    folios: Annotated[list[FolioText], Field(min_length=1, max_length=50)]


class RequestTransferIn(Incoming):
    """Which unit attends it from now on."""

    unit_id: UUID


class DocumentReviewIn(Incoming):
    """Whether a document serves; the citizen reads why not: a reason of the list, other words, or both."""

    accept: bool
    because: Annotated[str | None, Field(max_length=60, examples=list(REASONS))] = None
    reason: Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")] = None


class RequestOut(FromRow):
    """A request, in short. `kind` is what sort of state `status` is."""

    folio: str
    service: str
    service_version: int
    person_id: UUID
    status: str
    kind: StateKind
    outcome: Outcome | None
    acting_as: Literal["self", "holder", "mandate", "staff"]
    version: int
    due_on: date | None
    answer_by: date | None
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    appointment_folio: str | None


class CheckOut(BaseModel):
    """An automatic check: what it asked, what it found, by which figures, and where the rule comes from."""

    rule: str
    text: str
    outcome: RuleOutcome
    otherwise: Literal["refuse", "review"]
    values: dict[str, Any]
    basis: str


class ReasonOut(BaseModel):
    """A reason of the decision and its legal ground."""

    code: str
    text: str
    ground: str | None


class RequestDocumentOut(FromRow):
    """A document attached."""

    id: UUID
    kind: str
    file_name: str
    media_type: str
    size: int
    scan: Literal["unscanned", "clean"]
    state: Literal["received", "accepted", "rejected"]
    reason: str | None
    uploaded_at: datetime


class RequiredDocumentOut(BaseModel):
    """A document the answers so far call for."""

    kind: str
    name: str
    hint: str | None
    required: bool
    formats: list[Format]
    max_mb: int


class MessageOut(FromRow):
    """A message."""

    author_kind: Literal["citizen", "staff", "system"]
    kind: MessageKind
    body: str
    asks: dict[str, Any] | None
    created_at: datetime


class TimelineEntryOut(BaseModel):
    """An entry of the history."""

    at: datetime
    type: str
    actor_kind: str


class ClockOut(BaseModel):
    """The legal clock, in working days. It stands still while `runs` is false."""

    target_days: int
    spent_days: int
    runs: bool
    is_breached: bool


class RegistryChangeOut(BaseModel):
    """A value of the registry that an approval changes, before and after: dates as 1990-05-17, a sex by its letter,
    empty for a surname that isn't there; `before_text` and `after_text` say the same in words."""

    field: str
    label: str
    before: str
    after: str
    before_text: str
    after_text: str


class RefusalChallengeOut(BaseModel):
    """A means of challenge of a refusal and its last day: the portal's `internal-review`, which stops no other term,
    the recurso de inconformidad (`inconformity`), or the `labour-court`. `status`: how sure we are of its term."""

    id: str
    name: str
    authority: str
    last_day: date
    is_open: bool
    note: str
    basis: str
    status: TermStatus


class RefusalOut(BaseModel):
    """The refusal in force. `notified_on`: the day on which the person, or who acts for them, was first shown it;
    until then no term runs, and staff are shown none. `takes_effect_on`: from when the notification has effect.
    `document`: whether its resolution can be had as the certificate of the request; `text`: what that is good for,
    where the service says so. `confirmed_on`: the day on which an internal review confirmed it, which its document says
    from then on."""

    notified_on: date | None
    takes_effect_on: date | None
    confirmed_on: date | None
    document: bool
    text: str | None
    basis: str | None
    challenges: list[RefusalChallengeOut]


class RequestDetailOut(RequestOut):
    """A request with all the actor may see, and what they can do now. `outcome_text`: how its outcome reads where the
    service has words of its own for it, such as «answered» for a complaint. `reply_by`: until when a message of the
    citizen is answered, while one waits. `changes`: what an approval would change in the registry, or what it changed.
    `undo_until`: until when the actor may undo their approval. `appeal_until`: until when the internal review may be
    asked for. `certificate`: whether there is an official document of the approval. `refusal`: the refusal in force,
    whose terms run while it is reviewed. `asking`: for staff, what the law says against asking the person for something
    now."""

    outcome_text: str | None
    answers: dict[str, Any]
    clock: ClockOut
    checks: list[CheckOut]
    reasons: list[ReasonOut]
    required_documents: list[RequiredDocumentOut]
    documents: list[RequestDocumentOut]
    messages: list[MessageOut]
    history: list[TimelineEntryOut]
    actions: list[Action]
    appeal_until: date | None
    appealed_at: datetime | None
    reply_by: date | None
    certificate: bool
    refusal: RefusalOut | None
    asking: list[str]
    rows: list[dict[str, Any]]
    changes: list[RegistryChangeOut]
    undo_until: datetime | None


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
    outcome: Outcome | None
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
