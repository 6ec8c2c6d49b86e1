"""What crosses HTTP about requests: bodies within limits that refuse unknown fields, and answers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.catalog.definition import Format, TermStatus
from app.catalog.rules.eligibility.registry import Outcome as RuleOutcome
from app.catalog.rules.workflow import Action, StateKind
from app.kernel.i18n import gettext
from app.kernel.schemas import FromRow, Incoming
from app.requests.labels import DOCUMENT_STATES, MESSAGE_KINDS, REQUEST_EVENTS, state_words
from app.requests.rules.checks import REASONS
from app.requests.rules.kinds import Due, MessageKind, WorkKind

RequestOutcome = Literal["approved", "refused", "withdrawn", "lapsed"]
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
    """A merge patch of a draft (RFC 7396): answers that are left out stay as they are, null forgets one, and null in
    place of all forgets them. `page` and `seconds` say of which page they are and how long the person was at it."""

    answers: Answers | None = Field(default_factory=dict)  # the document names no default: generators take null only
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
    reasons: Annotated[list[Code], Field(max_length=10, examples=[["documents-agree"]])] = []
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


def _state_text(data: dict[str, Any]) -> str:
    return state_words(data["service"], data["kind"], data["outcome"])


class RequestOut(FromRow):
    """A request, in short. `kind` is what sort of state `status` is, and `status_text` says it in words."""

    folio: str
    service: str
    service_version: int
    person_id: UUID
    status: str
    kind: StateKind
    outcome: RequestOutcome | None
    acting_as: Literal["self", "holder", "mandate", "staff"]
    version: int
    due_on: date | None
    answer_by: date | None
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    appointment_folio: str | None
    status_text: Annotated[str, Field(default_factory=_state_text)]


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


class DecisionOptionOut(BaseModel):
    """A decision that the actor may make now: `action` and the codes of `reasons` are those of `decide`. `text`: what
    its button is called. Whether it needs a reason, and words for who reads it."""

    action: Action
    text: str
    needs_reason: bool
    needs_message: bool
    reasons: list[ReasonOut]


class TextOut(BaseModel):
    """A code, and what it is called."""

    code: str
    text: str


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
    state_text: Annotated[str, Field(default_factory=lambda data: gettext(DOCUMENT_STATES[data["state"]]))]


class RequiredDocumentOut(BaseModel):
    """A document the answers so far call for. `media_types`: what a file may be sent as."""

    kind: str
    name: str
    hint: str | None
    required: bool
    formats: list[Format]
    media_types: list[str]
    max_mb: int


class MessageOut(FromRow):
    """A message."""

    author_kind: Literal["citizen", "staff", "system"]
    kind: MessageKind
    body: str
    asks: dict[str, Any] | None
    created_at: datetime
    kind_text: Annotated[str, Field(default_factory=lambda data: gettext(MESSAGE_KINDS[data["kind"]]))]


def _event_text(data: dict[str, Any]) -> str | None:
    return gettext(REQUEST_EVENTS[data["type"]]) if data["type"] in REQUEST_EVENTS else None


class TimelineEntryOut(BaseModel):
    """An entry of the history. One without a text isn't shown to people."""

    at: datetime
    type: str
    actor_kind: str
    text: Annotated[str | None, Field(default_factory=_event_text)]


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
    now. `action_texts`: what each of `actions` is called. `decisions`: for staff, how it may be decided now;
    `document_reasons`: for staff, why a document may not serve (`because`)."""

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
    action_texts: list[TextOut]
    decisions: list[DecisionOptionOut]
    document_reasons: list[TextOut]
    appeal_until: date | None
    appealed_at: datetime | None
    reply_by: date | None
    certificate: bool
    refusal: RefusalOut | None
    asking: list[str]
    rows: list[dict[str, Any]]
    changes: list[RegistryChangeOut]
    undo_until: datetime | None
