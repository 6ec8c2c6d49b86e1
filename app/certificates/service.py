"""Issue a certificate once, serve the same bytes from then on, and verify it."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.certificates import content, queries, rendering, rules, signing, unprintable
from app.certificates.decisions import Decision, decision_of
from app.certificates.events import CertificateIssued, CertificateSuperseded
from app.certificates.models import Certificate
from app.certificates.problems import GlyphsMissing
from app.certificates.public_facts import Fact, public_facts
from app.certificates.rules import CertificateStatus
from app.certificates.snapshot import Snapshot
from app.documents import storage
from app.identity.service.attempts import counted_lookup
from app.kernel import clock, ids
from app.kernel.actor import Actor, Anonymous
from app.kernel.db import release_connection
from app.kernel.events import record
from app.kernel.i18n import Language
from app.kernel.problems import NotFound, Unavailable
from app.kernel.rate_limit_rules import Policy
from app.places.queries import zone_of
from app.registry.models import Person
from app.requests.models import Refusal, Request

log = structlog.get_logger(__name__)

FOLIO_PREFIX = "K"
CODE_LENGTH = 10
VERIFICATION_POLICY = Policy("verify-source", free=30, first_wait=5, longest_wait=600, leak=120, most=10_000)
# A resolution concerns one matter, so a later one doesn't supersede it.
NEVER_SUPERSEDED = frozenset({"resolution", "refusal", "pension-refusal", "answer"})
UNIQUE_PER_DECISION = "uq_certificate_person_id_request_id_language_decision_id"


async def issue(session: AsyncSession, actor: Actor, request: Request, language: Language) -> Certificate:
    """Return the certificate of a decision: of an approval, or of the refusal in force. It is generated on the first
    call and immutable; signing and storing happen between two transactions, so the caller's ends here and another
    begins.

    Raises:
        NoCertificate: nothing is decided, or the service gives none. CertificatePending: it can still be undone.
        GlyphsMissing: the font lacks glyphs; nothing is signed, and staff are informed.
        SigningUnavailable: there is no key to sign with.
        StorageUnavailable: it can't be stored; nothing was issued.
    """
    decision = await decision_of(session, actor, request)
    stored = await queries.certificate_of(session, request.person_id, request.id, language, decision.id)
    if stored is not None:
        return stored
    snapshot = decision.snapshot
    identifiers = content.Identifiers(ids.new_folio(FOLIO_PREFIX), _new_code(), request.folio, language)
    issued_at = clock.now()
    key = storage.new_key("certificates")
    try:
        async with release_connection(session):
            pdf = await asyncio.to_thread(produce, snapshot, identifiers, issued_at)
            await storage.put(key, pdf)
    except GlyphsMissing as missing:
        await unprintable.report_unprintable(actor, request, snapshot.template, str(missing.values["letters"]))
        raise
    try:
        made = await _insert(
            session, actor, request, snapshot, _row(request, decision, identifiers, pdf, key, issued_at)
        )
    except BaseException:
        await _discard(key)
        raise
    if made is not None:
        return made
    # A concurrent request issued the same one first.
    async with release_connection(session):
        await _discard(key)
    winner = await queries.certificate_of(session, request.person_id, request.id, language, decision.id)
    if winner is None:  # it was withdrawn in the same moment
        raise Unavailable
    return winner


def produce(snapshot: Snapshot, identifiers: content.Identifiers, at: datetime) -> bytes:
    """Render and sign the PDF. Takes about 40 ms: run it in a worker thread."""
    signing.signer_today()  # fail before rendering if there is no key
    qr = content.qr_svg(content.verification_url(identifiers))
    return signing.sign(rendering.render(snapshot.template, content.build_content(snapshot, identifiers), qr, at=at))


def _new_code() -> str:
    return "".join(secrets.choice(ids.ALPHABET) for _ in range(CODE_LENGTH))


def _row(
    request: Request, decision: Decision, identifiers: content.Identifiers, pdf: bytes, key: str, issued_at: datetime
) -> dict[str, object]:
    snapshot = decision.snapshot
    return {
        "person_id": request.person_id,
        "id": ids.new_id(),
        "request_id": request.id,
        "decision_id": decision.id,
        "folio": identifiers.folio,
        "code": identifiers.code,
        "template": snapshot.template,
        "language": identifiers.language,
        "storage_key": key,
        "sha256": hashlib.sha256(pdf).digest(),
        "signer": signing.fingerprint(),
        "certified": snapshot.model_dump(mode="json"),
        "size": len(pdf),
        "decided_at": decision.decided_at,
        "issued_at": issued_at,
        "issued_on": snapshot.issued_on,
        "valid_until": snapshot.valid_until,
    }


async def _insert(
    session: AsyncSession, actor: Actor, request: Request, snapshot: Snapshot, row: dict[str, object]
) -> Certificate | None:
    """Insert the row and its events and supersede earlier ones; None if it exists already."""
    # Serialise by person: two new ones must see each other to tell which is the latest.
    person = select(Person.given_names).where(Person.id == request.person_id).with_for_update(key_share=True)
    given_names: str = (await session.execute(person)).scalar_one()
    label = rules.holder_label(snapshot.person.name, given_names)
    statement = insert(Certificate).values(row | {"holder_label": label})
    statement = statement.on_conflict_do_nothing(constraint=UNIQUE_PER_DECISION)
    made: Certificate | None = await session.scalar(statement.returning(Certificate))
    if made is None:
        return None
    issued = CertificateIssued(
        subject_id=made.id,
        person_id=made.person_id,
        unit_id=request.unit_id,
        service=request.service,
        service_version=request.service_version,
        request_id=request.id,
        template=made.template,
        language=made.language,
    )
    await record(session, actor, issued)
    await unprintable.clear_unprintable(session, request)
    if made.template not in NEVER_SUPERSEDED:
        await _supersede(session, actor, made)
    return made


async def _supersede(session: AsyncSession, actor: Actor, made: Certificate) -> None:
    """Supersede certificates of earlier decisions, regardless of when they were issued."""
    others = await queries.other_certificates(session, made)
    later = [one for one in others if one.decided_at > made.decided_at]
    if later:
        await _mark_superseded(session, actor, made, by=later[0])
    for one in others:
        if one.superseded_by is None and one not in later:
            await _mark_superseded(session, actor, one, by=made)


async def _mark_superseded(session: AsyncSession, actor: Actor, old: Certificate, *, by: Certificate) -> None:
    old.superseded_by, old.superseded_at = by.id, clock.now()
    await session.flush()
    event = CertificateSuperseded(
        subject_id=old.id, person_id=old.person_id, template=old.template, superseded_by=by.id
    )
    await record(session, actor, event)


async def _discard(key: str) -> None:
    try:
        await storage.remove([key])
    except Exception:  # an orphan is harmless and is cleaned up later; continue
        log.warning("certificate_file_not_removed", exc_info=True)


async def read_content(certificate: Certificate) -> bytes:
    """Return the exact bytes that were issued.

    Raises:
        NotFound: missing, or not what was issued.
        StorageUnavailable: the storage doesn't answer.
    """
    data = await storage.get(certificate.storage_key)
    if hashlib.sha256(data).digest() != certificate.sha256:
        log.error("certificate_bytes_changed", certificate=str(certificate.id))
        raise NotFound
    return data


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What the bearer of a document may learn about it."""

    status: CertificateStatus
    folio: str
    template: str
    holder_label: str
    issued_on: date
    valid_until: date | None
    superseded_at: datetime | None
    annulled_at: datetime | None
    confirmed_at: datetime | None
    """When an internal review confirmed the refusal."""
    zone: str
    facts: list[Fact]
    """What it certifies, to compare with the page."""


async def verify(session: AsyncSession, actor: Anonymous, folio: str, code: str) -> VerificationResult:
    """Verify the document with this folio and code. Wrong pairs are rate-limited by source.

    Raises:
        NotFound: no document of ours carries this pair.
        TooManyRequests: too many wrong pairs from this source; it must wait.
    """
    async with counted_lookup(VERIFICATION_POLICY, actor):
        found = await queries.find_by_folio_and_code(session, folio, code)
    return await verification_of(session, found)


async def verification_of(session: AsyncSession, found: Certificate) -> VerificationResult:
    """Return the status of a certificate today, and what it certifies."""
    zone = await _zone_of(session, found)
    is_of_it = or_(Refusal.decision_id == found.decision_id, Refusal.confirmation_id == found.decision_id)
    refusal = await session.scalar(select(Refusal).where(is_of_it))
    annulled_at = refusal.annulled_at if refusal else None
    how = rules.certificate_status(
        is_annulled=annulled_at is not None,
        is_superseded=found.superseded_by is not None,
        valid_until=found.valid_until,
        today=clock.today(zone),
    )
    return VerificationResult(
        status=how,
        folio=found.folio,
        template=found.template,
        holder_label=found.holder_label,
        issued_on=found.issued_on,
        valid_until=found.valid_until,
        superseded_at=found.superseded_at,
        annulled_at=annulled_at,
        confirmed_at=refusal.confirmed_at if refusal else None,
        zone=zone,
        facts=public_facts(Snapshot.model_validate(found.certified)),
    )


async def _zone_of(session: AsyncSession, certificate: Certificate) -> str:
    """Return the time zone of the unit that issued it, in which its days are given."""
    unit_id: UUID | None = await session.scalar(
        select(Request.unit_id).where(Request.person_id == certificate.person_id, Request.id == certificate.request_id)
    )
    return await zone_of(session, unit_id)
