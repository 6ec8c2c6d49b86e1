"""Access log of personal data: who viewed whose data, once per person, reader and hour.

A route names the people whose data its answer shows (`record_views`). They are written in one statement after
the transaction has committed and before the response is sent: a rejected or failed view isn't recorded, and if the
record can't be written the request fails, so that nothing is shown unrecorded.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.kernel import clock, ids
from app.kernel.actor import Actor, Citizen, Client, Staff, doer_of
from app.kernel.db import raw_connection
from app.kernel.statements import StatementFiles

BATCH = 2_000
REPRESENTATIVE = "representative"
"""The role of a reader who is a citizen: the holder of a minor, or who was given a consent."""
PROGRAM = "client"
"""The role of a reader that is a program of another system."""


class ViewContext(StrEnum):
    """Where a reader sees a person's data."""

    CASE = "case"
    DOCUMENT = "document"
    LIST = "list"
    SEARCH = "search"
    PERSON = "person"
    RELATED = "related"
    DESK = "desk"
    DESK_CODE = "desk-code"
    CERTIFICATE = "certificate"
    NOTICE = "notice"
    MESSAGE = "message"
    APPOINTMENT = "appointment"
    ACCESS_LOG = "access-log"
    ASSISTANCE = "assistance"


_RECORD = StatementFiles("app.registry").load("record_views")


@dataclass(slots=True)
class ShownPeople:
    """What the answer under way shows: the contexts and the unit for each person."""

    actor: Actor | None = None
    contexts: dict[UUID, list[str]] = field(default_factory=dict)
    units: dict[UUID, UUID | None] = field(default_factory=dict)

    def add(self, actor: Actor, context: ViewContext, people: Mapping[UUID, UUID | None]) -> None:
        self.actor = actor
        for person_id, unit_id in people.items():
            contexts = self.contexts.setdefault(person_id, [])
            if context.value not in contexts:
                contexts.append(context.value)
            self.units.setdefault(person_id, _unit_of(actor, unit_id))


SHOWN: ContextVar[ShownPeople] = ContextVar("shown")
"""Whose data the answer under way shows."""


def record_views(actor: Actor, context: ViewContext, people: Mapping[UUID, UUID | None]) -> None:
    """Record that the answer shows these people's data to the actor, each with the unit that attends them.

    Staff and clients are recorded always, citizens for the data of others; the rest sees no personal data. The route
    needs `view_recording.RECORDS_VIEWS`.
    """
    recorded = _recordable(actor, people)
    if recorded:
        SHOWN.get().add(actor, context, recorded)


async def record_views_now(actor: Actor, context: ViewContext, people: Mapping[UUID, UUID | None]) -> None:
    """The same at once, without `view_recording.RECORDS_VIEWS`: for a hot route whose effect has committed, so that
    nothing refuses it."""
    recorded = _recordable(actor, people)
    if recorded:
        shown = ShownPeople()
        shown.add(actor, context, recorded)
        await insert_views(shown)


def _recordable(actor: Actor, people: Mapping[UUID, UUID | None]) -> Mapping[UUID, UUID | None]:
    """Of these people, those whose view by this actor is recorded."""
    if isinstance(doer_of(actor), Staff | Client):
        return people
    if isinstance(actor, Citizen):
        return {person_id: None for person_id in people if person_id != actor.person_id}
    return {}


async def insert_views(shown: ShownPeople) -> None:
    """Write the views of an answer."""
    if shown.actor is None:
        return
    reader = doer_of(shown.actor)
    now = clock.now()
    given: dict[str, Any] = {
        "kind": reader.kind,
        "reader": reader.id,
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "at": now,
        "role": _role_of(reader),
        "channel": shown.actor.channel.value,
    }
    people = sorted(shown.contexts)
    for start in range(0, len(people), BATCH):
        part = people[start : start + BATCH]
        rows = {
            "ids": [ids.new_id() for _ in part],
            "people": part,
            "units": [shown.units[person_id] for person_id in part],
            "contexts": [" ".join(shown.contexts[person_id]) for person_id in part],
        }
        async with raw_connection() as hot:
            await hot.execute(_RECORD, given | rows)


def _role_of(reader: Actor) -> str:
    if isinstance(reader, Staff):
        return reader.role.value
    return PROGRAM if isinstance(reader, Client) else REPRESENTATIVE


def _unit_of(actor: Actor, unit_id: UUID | None) -> UUID | None:
    """The reader's unit for which they see it; None for who works at every one, at several others, or at none."""
    reader = doer_of(actor)
    if not isinstance(reader, Staff | Client) or reader.unit_ids is None:
        return None
    if unit_id in reader.unit_ids:
        return unit_id
    return next(iter(reader.unit_ids)) if len(reader.unit_ids) == 1 else None
