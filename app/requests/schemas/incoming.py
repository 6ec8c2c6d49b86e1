"""What is sent about requests: bodies within limits that refuse unknown fields."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.kernel.plain_text import strip_bidi_controls_deep
from app.requests.queries import Due, WorkKind
from app.requests.rules.document_review import REASONS

Answer = Annotated[str, Field(max_length=4_000)] | bool | int | float | None
Answers = Annotated[
    dict[Annotated[str, Field(max_length=60)], Answer],
    Field(max_length=60, description="By the properties of the service's form; null forgets one."),
]
Body = Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\S[^\x00]*$")]
Code = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
FolioText = Annotated[str, Field(max_length=20)]


class Strict(BaseModel):
    """A body with a field we don't know is refused. Its texts are stored without what turns their direction."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return strip_bidi_controls_deep(value)


class StartIn(Strict):
    """Begin a request for oneself, a dependant, or who gave consent. Instant services are answered at once."""

    service: Annotated[str, Field(max_length=60, examples=["weeks"])]
    person_id: UUID | None = None
    answers: Answers = {}


class SaveIn(Strict):
    """Answers of a page. `seconds`: how long the person was at it."""

    answers: Answers
    page: Code | None = None
    seconds: Annotated[float | None, Field(ge=0, le=86_400)] = None


class MessageIn(Strict):
    """A message to the other side; `note` is for staff only."""

    body: Body
    note: bool = False


class AnswerIn(Strict):
    """What was asked for, besides the documents attached before."""

    body: Body
    answers: Answers = {}


class AppealIn(Strict):
    """Why it should be looked at again: the internal review."""

    body: Body


class FeedbackIn(Strict):
    """The one question, and how satisfied (1 to 5). Both optional."""

    would_have_visited: bool | None = None
    satisfaction: Annotated[int | None, Field(ge=1, le=5)] = None


class ClaimIn(Strict):
    """Which part of the queue to take from, by the filters of `GET /work`; empty is all of the actor's."""

    unit_id: UUID | None = None
    services: Annotated[list[Code] | None, Field(max_length=50)] = None
    state: Literal["free", "escalated"] | None = None
    due: Due | None = None
    due_until: date | None = None
    waiting_days: Annotated[int | None, Field(ge=0, le=3_650)] = None
    language: Literal["es", "en"] | None = None
    kind: WorkKind | None = None


class SearchIn(Strict):
    """What is looked for: a folio, a CURP, an NSS or words of a name."""

    q: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


class AskIn(Strict):
    """What the citizen owes: documents by kind, answers by name, and why."""

    body: Body
    documents: Annotated[list[Code], Field(max_length=20)] = []
    fields: Annotated[list[Code], Field(max_length=40)] = []


class DecideIn(Strict):
    """A decision with its reasons (codes of the service) and the words the citizen reads."""

    action: Literal["approve", "refuse", "confirm", "refer"]
    reasons: Annotated[list[Code], Field(max_length=10)] = []
    message: Annotated[str, Field(max_length=4_000, pattern=r"^[^\x00]*$")] = ""


class BulkIn(DecideIn):
    """The same decision for many; `preview` says what would happen and changes nothing."""

    folios: Annotated[list[FolioText], Field(min_length=1, max_length=50)]
    preview: bool = True


class AssignIn(Strict):
    """Who gets it."""

    staff_id: UUID


class BulkAssignIn(AssignIn):
    """Who gets these."""

    folios: Annotated[list[FolioText], Field(min_length=1, max_length=50)]


class TransferIn(Strict):
    """Which unit attends it from now on."""

    unit_id: UUID


class DocumentReviewIn(Strict):
    """Whether a document serves; the citizen reads why not: a reason of the list, other words, or both."""

    accept: bool
    because: Annotated[str | None, Field(max_length=60, examples=list(REASONS))] = None
    reason: Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")] = None


class MandateIn(Strict):
    """Consent that the person with this CURP files these services for me until a day."""

    delegate_curp: Annotated[str, Field(max_length=30)]
    services: Annotated[list[Code], Field(min_length=1, max_length=50)]
    ends_on: date
