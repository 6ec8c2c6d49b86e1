"""HTTP schemas of assistance."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.desk.rules.assistance import IdentityCheck, SeenDocument
from app.desk.rules.identity_questions import Question
from app.kernel.actor import Assurance, Role
from app.kernel.schemas import FromRow, Incoming


class AssistanceIn(Incoming):
    """For whom, and how they are there: at the counter (`desk`) or on the telephone."""

    person_id: UUID
    channel: Literal["desk", "phone"]


class IdentityIn(Incoming):
    """How it was checked who the person is: the `document` that they showed, the `code` that they read out, or their
    `answers` by the names of the questions (the date of birth as YYYY-MM-DD)."""

    how: IdentityCheck
    document: SeenDocument | None = None
    code: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    answers: dict[Question, Annotated[str, Field(max_length=120)]] = Field(default_factory=dict, max_length=5)


class AssistanceOut(BaseModel):
    """An assistance. Nothing can be done in it until `identity` says how the person's identity was checked; `assurance`
    is the level that this gives. `questions` may be asked while `attempts_left` isn't 0."""

    id: UUID
    person_id: UUID
    channel: Literal["desk", "phone"]
    identity: IdentityCheck | None
    document: SeenDocument | None
    assurance: Assurance | None
    questions: list[Question]
    attempts_left: int
    started_at: datetime
    idle_at: datetime
    ended_at: datetime | None


class MyAssistanceOut(FromRow):
    """That staff acted for the person: by role and unit, not by name. `identity`: how it was checked who the person is,
    and `document` which one they showed. `ended_by`: the clerk (`staff`), half an hour without a step (`idle`), or the
    end of the clerk's account, role, units or sessions (`access`); null while it goes on, as `until`."""

    channel: Literal["desk", "phone"]
    role: Role
    unit_name: str
    timezone: str
    identity: IdentityCheck | None
    document: SeenDocument | None
    started_at: datetime
    until: datetime | None
    ended_by: Literal["staff", "idle", "access"] | None
