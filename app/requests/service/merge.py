"""Merge what a declared person filed into the registry's person, once their identity is proved.

A declared person and a person of the registry may have the same CURP: the registry knew them after all, or an import
brought them later. When a code of the desk or of the registry's own contact proves that one, all that was filed with
the CURP is theirs, to go on with or to withdraw; the account that filed it ends, since its contact proved nothing.
"""

from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service.proofs import on_full_assurance
from app.identity.service.revocation import absorb_account
from app.kernel.actor import Citizen
from app.kernel.events import record
from app.registry.events import PersonMerged
from app.registry.models import FormerCurp, Person
from app.requests.service.search_index import reindex_person

# An open request for the same thing stays too, identified by its folio. A draft gives way to the person's own.
_MOVE = [
    text(statement)
    for statement in (
        """
        UPDATE request r SET person_id = CAST(:to AS uuid),
            applicant_id = CASE WHEN applicant_id = CAST(:from AS uuid) THEN CAST(:to AS uuid) ELSE applicant_id END,
            duplicate_key = CASE WHEN EXISTS (
                SELECT FROM request o WHERE o.person_id = CAST(:to AS uuid) AND o.service = r.service
                    AND o.duplicate_key = r.duplicate_key AND o.kind NOT IN ('draft', 'final'))
                THEN r.duplicate_key || '|' || r.folio ELSE r.duplicate_key END
        WHERE r.person_id = CAST(:from AS uuid) AND NOT (r.kind = 'draft' AND EXISTS (
            SELECT FROM request o WHERE o.person_id = CAST(:to AS uuid) AND o.service = r.service AND o.kind = 'draft'))
        """,
        "UPDATE appeal SET applicant_id = CAST(:to AS uuid) WHERE applicant_id = CAST(:from AS uuid)",
        """
        UPDATE request_message SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
            AND request_id IN (SELECT id FROM request WHERE person_id = CAST(:to AS uuid))
        """,
        """
        UPDATE document SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
            AND subject_id IN (SELECT id FROM request WHERE person_id = CAST(:to AS uuid))
        """,
        "UPDATE refusal SET notified_to = CAST(:to AS uuid) WHERE notified_to = CAST(:from AS uuid)",
        """
        UPDATE certificate SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
            AND request_id IN (SELECT id FROM request WHERE person_id = CAST(:to AS uuid))
        """,
        "UPDATE unprintable_certificate SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)",
        "UPDATE work_item SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)",
        """
        UPDATE personal_data_view v SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
            AND reader_id <> CAST(:to AS uuid) AND NOT EXISTS (SELECT FROM personal_data_view o
                WHERE o.person_id = CAST(:to AS uuid) AND o.hour = v.hour AND o.reader_id = v.reader_id)
        """,
    )
]


@on_full_assurance
async def merge_declared(session: AsyncSession, actor: Citizen, session_id: UUID | None) -> None:
    """Give what the declared person of the same CURP filed to the person who was just proved. `session_id`: the
    browser's, which goes on."""
    person = await session.get(Person, actor.person_id)
    if person is None or person.declared_at is not None:
        return
    former = select(FormerCurp.curp).where(FormerCurp.person_id == person.id)
    same = select(Person).where(
        Person.declared_at.is_not(None), or_(Person.curp == person.curp, Person.curp.in_(former))
    )
    for declared in (await session.scalars(same.with_for_update())).all():
        await session.flush()
        for statement in _MOVE:
            await session.execute(statement, {"from": declared.id, "to": person.id})
        await absorb_account(session, declared.id, person.id, keep_session=session_id)
        await reindex_person(session, person)
        await record(session, actor, PersonMerged(subject_id=person.id, person_id=person.id, declared_id=declared.id))
