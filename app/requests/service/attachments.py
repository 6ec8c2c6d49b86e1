"""Attach documents to a request, and make sure that those attached are still there when it is submitted.

Files are examined, scanned, stored and read while no transaction is open: that takes seconds, and more when the store
hangs. What the request asks for is looked up before and again afterwards, under its lock.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import DocumentAsked
from app.catalog.rules.workflow import StateKind
from app.documents import service as documents
from app.documents.models import Document
from app.documents.problems import FileTooComplex
from app.documents.service import StoredFile, Upload
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.db import release_connection, savepoint
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import Conflict, FieldError, Problem
from app.kernel.rate_limit_rules import Policy
from app.kernel.rate_limits import Counter, count_attempt, undo_attempt
from app.requests.events import DocumentReceived
from app.requests.models import Request
from app.requests.problems import DocumentNotExpected, DocumentsMissing, TooManyDocuments, WrongState
from app.requests.queries.case_file import open_question
from app.requests.queries.own import own_documents, own_request
from app.requests.rules.checks import documents_asked
from app.requests.service.cases import Case, case_of, facts_of, open_case

MAX_DOCUMENTS = 20
TAKES_DOCUMENTS = (StateKind.DRAFT, StateKind.WAITING)
UPLOADS = Policy("upload", free=60, first_wait=10, longest_wait=60, leak=10)
COSTLY = Policy("upload-costly", free=3, first_wait=60, longest_wait=900, leak=900)
"""Files whose examination had to be ended. Counted before, and revoked of those that were examined."""
ABSENT_DOCUMENT = N_("El archivo ya no está disponible. Quítelo y adjúntelo otra vez.")


async def attach(session: AsyncSession, actor: Citizen, folio: str, upload: Upload) -> Document:
    """Examine, store and add a document to a draft, or to a request whose citizen owes one. Ends the caller's
    transaction and begins another.

    Raises:
        NotFound; WrongState: it isn't the citizen's turn; DocumentNotExpected; TooManyDocuments; TooManyRequests:
        uploads in ten minutes; and what `documents.receive` raises.
    """
    asked = await _asked(session, await case_of(session, await own_request(session, actor, folio)), upload.kind)
    async with release_connection(session):
        stored = await _received(actor, upload, asked)
    try:
        async with savepoint(session):
            return await add_stored(session, actor, folio, stored)
    except Problem:
        async with release_connection(session):
            await documents.discard(stored)
        raise
    except BaseException:
        await documents.discard(stored)
        raise


async def max_bytes(session: AsyncSession, actor: Citizen, folio: str, kind: str) -> int:
    """The largest file that the request takes of this kind.

    Raises:
        NotFound; WrongState; DocumentNotExpected; TooManyDocuments.
    """
    asked = await _asked(session, await case_of(session, await own_request(session, actor, folio)), kind)
    return documents.max_bytes(asked.max_mb)


async def _received(actor: Citizen, upload: Upload, asked: DocumentAsked) -> StoredFile:
    person = str(actor.person_id)
    costly = Counter(COSTLY, person)
    await count_attempt([Counter(UPLOADS, person), costly])
    try:
        stored = await documents.store_upload(actor.person_id, upload, formats=asked.formats, max_mb=asked.max_mb)
    except FileTooComplex as refused:
        if not refused.is_costly:
            await undo_attempt(costly)
        raise
    except Problem:
        await undo_attempt(costly)
        raise
    await undo_attempt(costly)
    return stored


async def add_stored(session: AsyncSession, actor: Citizen, folio: str, stored: StoredFile) -> Document:
    """Add a file that is stored already, in the caller's transaction.

    Raises:
        NotFound; WrongState; DocumentNotExpected; TooManyDocuments: the file is then the caller's to discard.
    """
    case = await open_case(session, actor, folio)
    await _asked(session, case, stored.kind)
    made = await documents.add(session, case.request.person_id, case.request.id, stored)
    case.request.changed_at = clock.now()
    await record(session, actor, case.fact(DocumentReceived, document_id=made.id, document_kind=made.kind))
    return made


async def _asked(session: AsyncSession, case: Case, kind: str) -> DocumentAsked:
    """What the request asks for by this kind, while there is room for one more."""
    if case.request.kind not in TAKES_DOCUMENTS:
        raise WrongState
    asked = {one.kind: one for one in case.service.documents}  # an officer may ask for any the service knows
    if case.request.kind == StateKind.DRAFT:
        facts = await facts_of(session, case)
        asked = {one.kind: one for one in documents_asked(case.service, facts)}
    if kind not in asked:
        raise DocumentNotExpected(fields=[FieldError("kind", DocumentNotExpected.title, "document_not_expected")])
    there = await documents.documents_of(session, case.request.person_id, case.request.id)
    asked_last = await open_question(session, case.request)
    if asked_last is not None:  # an open question takes documents beyond the limit
        there = [one for one in there if one.uploaded_at > asked_last.created_at]
    if len(there) >= MAX_DOCUMENTS:
        raise TooManyDocuments
    return asked[kind]


async def verify_documents(session: AsyncSession, actor: Citizen, folio: str) -> frozenset[UUID]:
    """The documents of a request whose bytes were just found whole in the store: what `submit` and `answer` ask for.
    Ends the caller's transaction and begins another.

    Raises:
        NotFound; DocumentsMissing: which aren't there, in `fields`; StorageUnavailable: the store doesn't answer.
    """
    kind, attached = await own_documents(session, actor, folio)
    if kind not in TAKES_DOCUMENTS or not attached:  # submitted already: a repeated call gets its first answer
        return frozenset()
    async with release_connection(session):
        absent_documents = await documents.find_missing(attached)
    if absent_documents:
        raise DocumentsMissing(
            fields=[
                FieldError(kind, ABSENT_DOCUMENT, "absent_document")
                for kind in sorted({one.kind for one in absent_documents})
            ]
        )
    return frozenset(one.id for one in attached)


async def require_verified(session: AsyncSession, request: Request, verified: Collection[UUID]) -> list[Document]:
    """The documents of a request, all of which were verified a moment ago.

    Raises:
        Conflict: another was attached meanwhile.
    """
    attached = await documents.documents_of(session, request.person_id, request.id)
    if not {one.id for one in attached} <= set(verified):
        raise Conflict
    return attached
