"""The decision that a certificate documents: an approval, or the refusal in force with its means of challenge."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.challenges import is_doubtful
from app.catalog.definition import Text
from app.catalog.queries import service_version
from app.certificates.problems import NoCertificate
from app.certificates.snapshot import Snapshot, snapshot_of
from app.identity.permissions import require_assurance
from app.kernel import clock
from app.kernel.actor import Actor, Citizen
from app.places.queries import zone_of
from app.registry.models import Person
from app.requests.models import Refusal, Request
from app.requests.queries.case_file import Challengeable, appeal_of, challengeable, refusal_in_force
from app.requests.service.resolutions import notify_refusal, template_of


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its id, its time, and the content of its certificate."""

    id: UUID
    decided_at: datetime
    snapshot: Snapshot


async def decision_of(session: AsyncSession, actor: Actor, request: Request) -> Decision:
    """Return the decision in force of a request. A citizen who gets the document of a refusal is thereby notified of
    it; staff who act for them are not them.

    Raises:
        NoCertificate: nothing is decided, or the service gives no document. CertificatePending: an approval can still
        be undone.
    """
    if isinstance(actor, Citizen) and actor.helper is None:
        refusal = await notify_refusal(session, actor, request)
    else:
        refusal = await refusal_in_force(session, request)
    if refusal is None:
        snapshot = snapshot_of(request)
        if request.decided_at is None:
            raise NoCertificate
        return Decision(request.decision_id or request.id, request.decided_at, snapshot)
    if refusal.document is None:
        raise NoCertificate
    # A review that confirmed the refusal has its own document; the earlier one stays valid.
    decision_id = refusal.confirmation_id or refusal.decision_id
    content = await _refused(session, request, refusal, refusal.document)
    return Decision(decision_id, refusal.confirmed_at or refusal.refused_at, content)


async def require_document_level(session: AsyncSession, actor: Actor, request: Request) -> None:
    """Allow low assurance only for a refusal to the person that the citizen claims to be: it contains nothing but what
    they entered. Other documents contain registry data.

    Raises:
        AssuranceRequired: it is another document, or of another person.
    """
    if not isinstance(actor, Citizen):
        return
    person = await session.get(Person, request.person_id)
    is_own = person is not None and person.declared_at is not None and person.id == actor.person_id
    if not is_own or await refusal_in_force(session, request) is None:
        require_assurance(actor)


async def _refused(session: AsyncSession, request: Request, refusal: Refusal, document: dict[str, Any]) -> Snapshot:
    """What the refusal said, with the last day of each means against it: counted from its notification, or from today
    when the document is made before anyone was shown it."""
    zone = await zone_of(session, request.unit_id)
    service = await service_version(session, request.service, request.service_version)
    known_on = clock.local_day(refusal.notified_at, zone) if refusal.notified_at else None
    today = clock.today(zone)
    with_review = await appeal_of(session, request) is None
    against = await challengeable(session, service, known_on or today, with_review=with_review)
    confirmed_on = clock.local_day(refusal.confirmed_at, zone) if refusal.confirmed_at else None
    facts = document["facts"] | _terms(against, known_on, today)
    facts["confirmed_on"] = confirmed_on.isoformat() if confirmed_on else None
    return Snapshot.model_validate(document | {"facts": facts, "template": template_of(service)})


def _terms(against: Challengeable, notified_on: date | None, made_on: date) -> dict[str, Any]:
    means = [
        {
            "name": _both(one.means.name),
            "authority": _both(one.means.authority),
            "note": _both(one.means.note),
            "basis": _both(one.means.basis),
            "last_day": one.last_day.isoformat(),
            "is_doubtful": is_doubtful(one.means),
        }
        for one in against.terms
    ]
    return {
        "notified_on": notified_on.isoformat() if notified_on else None,
        "made_on": made_on.isoformat(),
        "takes_effect_on": against.takes_effect_on.isoformat(),
        "means": means,
    }


def _both(text: Text) -> dict[str, str]:
    return {"es": text.es, "en": text.en}
