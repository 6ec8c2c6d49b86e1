"""Domain events of requests. The package's public contract: ids only, no personal data.

The subject is the request, and `service`, `service_version` name what it is for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent, person_topic

ALL_QUEUES = "queue"
"""The topic of every unit's queue of requests."""


def queue_topic(unit_id: UUID | None) -> str:
    """The topic of a unit's queue of requests; of none, that of the requests no unit attends."""
    return f"queue:{unit_id or ''}"


@dataclass(frozen=True, kw_only=True)
class RequestEvent(DomainEvent):
    """Fields that every event of a request has. The subject is the request."""

    folio: str

    def topics(self) -> Collection[str]:
        """The person's, and the queue's."""
        return (person_topic(self.person_id), ALL_QUEUES, queue_topic(self.unit_id))


@dataclass(frozen=True, kw_only=True)
class DraftEvent(RequestEvent):
    """Fields of events that only drafts have. No page of a draft is live, and it is in no queue."""

    def topics(self) -> Collection[str]:
        return ()


@dataclass(frozen=True, kw_only=True)
class RequestStarted(DraftEvent):
    """A draft was started."""

    type: ClassVar[str] = "request.started"
    acting_as: str


@dataclass(frozen=True, kw_only=True)
class RequestSaved(DraftEvent):
    """A page of a draft was saved: one step by the person."""

    type: ClassVar[str] = "request.saved"
    page: str | None


@dataclass(frozen=True, kw_only=True)
class RequestDiscarded(DraftEvent):
    """A draft was discarded, by the person or because of its age."""

    type: ClassVar[str] = "request.discarded"


@dataclass(frozen=True, kw_only=True)
class RequestSubmitted(RequestEvent):
    """A draft was submitted: its legal clock starts."""

    type: ClassVar[str] = "request.submitted"
    acting_as: str
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class RequestReferred(RequestEvent):
    """A request waits for staff, since rules alone can't decide it or it was returned to them."""

    type: ClassVar[str] = "request.referred"
    role: str


@dataclass(frozen=True, kw_only=True)
class RequestDecided(RequestEvent):
    """A request was approved or refused, by rules or by staff (the actor)."""

    type: ClassVar[str] = "request.decided"
    outcome: str
    reasons: list[str]
    straight_through: bool


@dataclass(frozen=True, kw_only=True)
class ApprovalUndone(RequestEvent):
    """The approver undid an approval within minutes: the registry was restored, and the request is reviewed again."""

    type: ClassVar[str] = "request.approval-undone"
    correction_id: UUID | None
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class RefusalProposed(RequestEvent):
    """An officer proposed to refuse a request: a second reviewer has to confirm."""

    type: ClassVar[str] = "request.refusal-proposed"
    reasons: list[str]


@dataclass(frozen=True, kw_only=True)
class InformationRequested(RequestEvent):
    """Staff requested information from the citizen: the clock stops."""

    type: ClassVar[str] = "request.information-requested"
    answer_by: date


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(RequestEvent):
    """The citizen provided the information requested: the clock resumes."""

    type: ClassVar[str] = "request.answered"
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class AnswerDueSoon(RequestEvent):
    """Three days are left to answer what staff asked for (`answer_by`)."""

    type: ClassVar[str] = "request.answer-due-soon"
    answer_by: date


@dataclass(frozen=True, kw_only=True)
class DueDateMoved(RequestEvent):
    """The day until which a request is decided is later (`due_on`) than the one that the person knew (`before`), since
    the clock stood still for a visit."""

    type: ClassVar[str] = "request.due-date-moved"
    before: date
    due_on: date


@dataclass(frozen=True, kw_only=True)
class DraftLeftOpen(DraftEvent):
    """A draft wasn't changed or submitted for two days."""

    type: ClassVar[str] = "request.draft-left-open"


@dataclass(frozen=True, kw_only=True)
class RequestLapsed(RequestEvent):
    """A request lapsed: the time to answer expired."""

    type: ClassVar[str] = "request.lapsed"


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawn(RequestEvent):
    """The citizen withdrew a request."""

    type: ClassVar[str] = "request.withdrawn"


@dataclass(frozen=True, kw_only=True)
class RequestAppealed(RequestEvent):
    """The citizen requested the internal review of a refusal."""

    type: ClassVar[str] = "request.appealed"
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class VisitInvited(RequestEvent):
    """An appointment at the window became part of a request."""

    type: ClassVar[str] = "request.visit-invited"
    appointment_folio: str
    answer_by: date


@dataclass(frozen=True, kw_only=True)
class VisitMoved(RequestEvent):
    """The appointment at the window was moved: the deadline changes with it."""

    type: ClassVar[str] = "request.visit-moved"
    answer_by: date


@dataclass(frozen=True, kw_only=True)
class VisitCancelled(RequestEvent):
    """The appointment at the window was cancelled: the request returned to the officers and the clock resumes."""

    type: ClassVar[str] = "request.visit-cancelled"
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class VisitAttended(RequestEvent):
    """The citizen came to the window: the clock resumes. `other_day`: not on the day of the appointment."""

    type: ClassVar[str] = "request.visit-attended"
    other_day: bool
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class MessagePosted(RequestEvent):
    """A message about a request was posted; its text stays with the request."""

    type: ClassVar[str] = "request.message-posted"
    by: str


@dataclass(frozen=True, kw_only=True)
class MessageResolved(RequestEvent):
    """Staff resolved the citizen's message without an answer."""

    type: ClassVar[str] = "request.message-resolved"


@dataclass(frozen=True, kw_only=True)
class DocumentReceived(RequestEvent):
    """A document was attached to a request."""

    type: ClassVar[str] = "request.document-received"
    document_id: UUID
    document_kind: str


@dataclass(frozen=True, kw_only=True)
class DocumentReviewed(RequestEvent):
    """An officer accepted or rejected a document of a request."""

    type: ClassVar[str] = "request.document-reviewed"
    document_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class WorkClaimed(RequestEvent):
    """A member of staff claimed a request."""

    type: ClassVar[str] = "work.claimed"
    lease_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class WorkReleased(RequestEvent):
    """A request is free again: it was released, or its claim expired (`lapsed`)."""

    type: ClassVar[str] = "work.released"
    holder_id: UUID | None
    lapsed: bool


@dataclass(frozen=True, kw_only=True)
class WorkAssigned(RequestEvent):
    """A supervisor assigned a request to a member of staff."""

    type: ClassVar[str] = "work.assigned"
    holder_id: UUID


@dataclass(frozen=True, kw_only=True)
class WorkTransferred(RequestEvent):
    """A request was transferred to another unit (`unit_id` is the new one)."""

    type: ClassVar[str] = "work.transferred"
    from_unit_id: UUID | None

    def topics(self) -> Collection[str]:
        return (*super().topics(), queue_topic(self.from_unit_id))


@dataclass(frozen=True, kw_only=True)
class WorkEscalated(RequestEvent):
    """A request is overdue: a supervisor has to review it."""

    type: ClassVar[str] = "work.escalated"
    due_on: date


@dataclass(frozen=True, kw_only=True)
class FeedbackGiven(RequestEvent):
    """The person answered the question asked when a request has ended."""

    type: ClassVar[str] = "request.feedback-given"
    would_have_visited: bool | None
    satisfaction: int | None
