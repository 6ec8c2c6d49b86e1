"""Tables of requests. Keys of what grows begin with the person; the table of open work begins with the unit."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.catalog.rules.workflow import OPEN_KINDS, STOPPED_KINDS, Outcome, StateKind
from app.kernel.db import Base
from app.requests.rules.kinds import MessageKind, Queue, WorkItemKind

FOLIO_PREFIX = "R"
"""What the folio of a request begins with."""
NO_UNIT = UUID(int=0)
"""The queue of requests that belong to no unit: for staff who work at every one."""


def _one_of(column: str, values: Iterable[StrEnum]) -> str:
    """The condition that a column has one of these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def queue_of(unit_id: UUID | None) -> UUID:
    """The unit whose queue a request waits in."""
    return unit_id or NO_UNIT


OPEN = _one_of("kind", OPEN_KINDS)
DRAFT = f"kind = '{StateKind.DRAFT}'"
STOPPED = f"({_one_of('kind', STOPPED_KINDS)})"


class Request(Base):
    """A request of a person. `status` is a state of its service's workflow, `kind` what sort of state that is.

    The legal clock: `spent_days` of `target_days` are used up; it runs since `running_since`, or stands still while
    that is null. `due_on` is when it runs out. `answer_by`: the deadline of the citizen's answer;
    `stopped_at`: since when it waits for them.

    `decision_id` names the decision in force; an appeal that upholds a refusal leaves it. `refused_by`: the members of
    staff who proposed, confirmed or made a refusal. `excluded_ids`: who may not decide: who helped the person
    with it, and on appeal those who refused.
    """

    __tablename__ = "request"
    __table_args__ = (
        ForeignKeyConstraint(["service", "service_version"], ["service_version.service", "service_version.version"]),
        CheckConstraint(_one_of("kind", StateKind), name="kind"),
        CheckConstraint(f"(kind = '{StateKind.FINAL}') = (outcome IS NOT NULL)", name="ends_with_outcome"),
        CheckConstraint(_one_of("outcome", Outcome), name="outcome"),
        CheckConstraint(f"({DRAFT}) = (submitted_at IS NULL)", name="draft_until_submitted"),
        CheckConstraint("acting_as IN ('self', 'holder', 'mandate', 'staff')", name="acting_as"),
        CheckConstraint("(acting_as = 'mandate') = (mandate_id IS NOT NULL)", name="consent_recorded"),
        CheckConstraint("spent_days >= 0 AND target_days >= 0", name="clock"),
        CheckConstraint(f"{STOPPED} = (answer_by IS NOT NULL)", name="owes_until"),
        CheckConstraint(f"{STOPPED} = (stopped_at IS NOT NULL)", name="stopped_since"),
        # Who took part in a refusal decides nothing in its appeal.
        CheckConstraint(
            "(decided_by IS NULL OR decided_by <> ALL (excluded_ids))"
            " AND (proposed_by IS NULL OR proposed_by <> ALL (excluded_ids))",
            name="appeal_decided_by_others",
        ),
        UniqueConstraint("person_id", "folio"),
        # By its beginning too.
        Index(None, "folio", postgresql_ops={"folio": "text_pattern_ops"}),
        Index(None, "applicant_id", "id"),
        # One open request a person, service and thing asked for: the duplicate is shown, never created.
        Index("uq_request_open", "person_id", "service", "duplicate_key", unique=True, postgresql_where=text(OPEN)),
        Index(
            "uq_request_draft",
            *("person_id", "service", "applicant_id"),
            unique=True,
            postgresql_where=text(DRAFT),
        ),
        Index(
            "ix_request_stopped",
            *("kind", "stopped_at", "id"),
            postgresql_include=["unit_id"],
            postgresql_where=text("stopped_at IS NOT NULL"),
        ),
        Index("ix_request_owed", "answer_by", postgresql_where=text("answer_by IS NOT NULL")),
        Index("ix_request_draft_age", "changed_at", postgresql_where=text(DRAFT)),
        # Without its list of entries to be sorted in later: one request in many would pay for all, and each search.
        Index("ix_request_search", "search", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_request_newest", "submitted_at", postgresql_where=text("submitted_at IS NOT NULL")),
        Index(
            "ix_request_newest_of_unit",
            *("unit_id", "submitted_at"),
            postgresql_where=text("submitted_at IS NOT NULL"),
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    folio: Mapped[str]
    service: Mapped[str]
    service_version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    kind: Mapped[str]
    outcome: Mapped[str | None]
    applicant_id: Mapped[UUID]
    acting_as: Mapped[str]
    mandate_id: Mapped[UUID | None]
    channel: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    answers: Mapped[dict[str, Any]]
    duplicate_key: Mapped[str] = mapped_column(server_default=text("''"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    target_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    spent_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    running_since: Mapped[date | None]
    due_on: Mapped[date | None]
    known_due_on: Mapped[date | None]
    """The `due_on` that the person knows: they saw it, or were notified."""
    answer_by: Mapped[date | None]
    stopped_at: Mapped[datetime | None]
    reminded_answer_by: Mapped[date | None]
    """The last day to answer of which the person was reminded."""
    draft_reminded_at: Mapped[datetime | None]
    priority_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    result: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    proposed_by: Mapped[UUID | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_id: Mapped[UUID | None]
    refused_by: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    excluded_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    appointment_folio: Mapped[str | None]
    feedback: Mapped[dict[str, Any] | None]
    search: Mapped[str | None] = mapped_column(TSVECTOR)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]


class WorkItem(Base):
    """A request that waits for staff: one row while it does. `holder_id` has claimed it until `lease_until` (null: a
    supervisor assigned it, and it stays). `rank_on` orders the queue: the due date less the priority days.
    `excluded_ids`: who may not have it, as they helped the person with it or took part in the refusal under appeal.
    `kind`: the request is to be decided, or its citizen's `message` to be answered while nothing else waits for staff.
    `is_appeal`: what is to be decided is an appeal."""

    __tablename__ = "work_item"
    __table_args__ = (
        CheckConstraint(_one_of("role", Queue), name="role"),
        CheckConstraint(_one_of("kind", WorkItemKind), name="kind"),
        CheckConstraint("lease_until IS NULL OR holder_id IS NOT NULL", name="lease_of_somebody"),
        CheckConstraint("holder_id IS NULL OR holder_id <> ALL (excluded_ids)", name="holder_not_excluded"),
        Index(
            "ix_work_item_free",
            *("unit_id", "rank_on", "submitted_at", "request_id"),
            postgresql_include=["role", "service"],
            postgresql_where=text("holder_id IS NULL"),
        ),
        Index(
            "ix_work_item_free_anywhere",
            *("rank_on", "submitted_at", "request_id"),
            postgresql_include=["role", "service"],
            postgresql_where=text("holder_id IS NULL"),
        ),
        # A claim takes one request, however often it is sent at once.
        Index(
            "uq_work_item_claim", "holder_id", "claim_key", unique=True, postgresql_where=text("holder_id IS NOT NULL")
        ),
        Index("ix_work_item_lease", "lease_until", postgresql_where=text("lease_until IS NOT NULL")),
        Index(None, "due_on"),
        Index(None, "request_id"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    request_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID]
    folio: Mapped[str]
    service: Mapped[str]
    role: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'decision'"))
    rank_on: Mapped[date]
    due_on: Mapped[date]
    submitted_at: Mapped[datetime]
    language: Mapped[str]
    holder_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    claim_key: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    excluded_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    is_appeal: Mapped[bool] = mapped_column(server_default=text("false"))


class Appeal(Base):
    """A citizen's appeal of a decision, submitted: a decision has one at most, since its id is the key."""

    __tablename__ = "appeal"
    __table_args__ = (
        ForeignKeyConstraint(["person_id", "request_id"], ["request.person_id", "request.id"], onupdate="CASCADE"),
        Index(None, "person_id", "request_id"),
    )

    decision_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID]
    request_id: Mapped[UUID]
    applicant_id: Mapped[UUID]
    created_at: Mapped[datetime]


class Refusal(Base):
    """A decision that refused a request: its document, and when the citizen was notified of it.

    `notified_at`: when it was first shown to the person or to who acts for them; until then no term runs. `document`:
    what its certificate says, fixed at the decision; null for what was refused before documents were given.
    `annulled_at`: since when it no longer holds, because another decision took its place. `confirmed_at`: when an
    internal review confirmed it, and `confirmation_id` names the document that says so; the first one stays valid.
    """

    __tablename__ = "refusal"
    __table_args__ = (
        ForeignKeyConstraint(["person_id", "request_id"], ["request.person_id", "request.id"], onupdate="CASCADE"),
        CheckConstraint("(notified_at IS NULL) = (notified_to IS NULL)", name="notified_to_somebody"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmation_id IS NULL)", name="confirmed"),
        UniqueConstraint("confirmation_id"),
        Index(None, "person_id", "request_id"),
    )

    decision_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID]
    request_id: Mapped[UUID]
    refused_at: Mapped[datetime]
    notified_at: Mapped[datetime | None]
    notified_to: Mapped[UUID | None]
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    annulled_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmation_id: Mapped[UUID | None]


class NameWord(Base):
    """A word of a name in the search index: what a prefix may expand to. None is removed."""

    __tablename__ = "name_word"

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class RequestMessage(Base):
    """A message about a request: by the citizen, by staff, or a note for staff. `asks`: the information requested."""

    __tablename__ = "request_message"
    __table_args__ = (
        CheckConstraint(_one_of("kind", MessageKind), name="kind"),
        CheckConstraint("author_kind IN ('citizen', 'staff', 'system')", name="author_kind"),
        CheckConstraint("char_length(body) BETWEEN 1 AND 4000", name="body"),
        Index(None, "person_id", "request_id"),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    request_id: Mapped[UUID]
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    kind: Mapped[str]
    body: Mapped[str]
    asks: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
