"""Messages between citizen and staff about a request: messages, notes, open questions, answers."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.workflow import StateKind
from app.documents import service as documents
from app.documents.models import Document
from app.identity.service.accounts import account_of
from app.kernel import clock, ids
from app.kernel.actor import Actor, Citizen, Staff
from app.kernel.events import record
from app.kernel.i18n import use_language
from app.kernel.parsing import has_words, without_unseen
from app.kernel.problems import FieldError, Invalid
from app.requests.events import DocumentReviewed, InformationRequested, MessagePosted, MessageResolved, RequestAnswered
from app.requests.models import Request, RequestMessage
from app.requests.problems import DocumentNotExpected, DocumentsMissing, ReasonUnknown, WrongState
from app.requests.queries.case_file import open_question
from app.requests.queries.facts import invalid_units, load_facts
from app.requests.rules import clock as legal
from app.requests.rules.checks import MISSING_DOCUMENT, REASONS, answer_errors, duplicate_key, run_checks, words
from app.requests.rules.forms import MISSING, UNEXPECTED, applicable, normalize, validation_errors
from app.requests.rules.kinds import MessageKind
from app.requests.service.attachments import require_verified
from app.requests.service.cases import (
    Case,
    apply_transition,
    enqueue_message,
    only_one,
    open_case,
    party_of,
    require_no_helper,
    term_non_working_days,
)
from app.requests.service.claims import finish_message, require_hold


def add_message(
    session: AsyncSession, actor: Actor, request: Request, kind: MessageKind, body: str, asks: Any = None
) -> None:
    """Add a message in the caller's transaction."""
    message = RequestMessage(
        person_id=request.person_id,
        id=ids.new_id(),
        request_id=request.id,
        author_kind="system" if actor.kind not in ("citizen", "staff") else actor.kind,
        author_id=actor.id,
        kind=kind,
        body=body,
        asks=asks,
        created_at=clock.now(),
    )
    session.add(message)


async def post_message(
    session: AsyncSession, actor: Citizen | Staff, folio: str, body: str, *, is_note: bool = False
) -> None:
    """Post a message about a submitted request; a note is for staff only. A citizen's message about
    one that doesn't wait for staff (decided, or waiting for the citizen) is queued to be answered; staff's answer
    takes it off the queue.

    Raises:
        NotFound; WrongState: it is a draft. ClaimedByAnother: a colleague is answering. ReviewerExcluded: the actor
        helped the person with the request.
    """
    case = await open_case(session, actor, folio)
    if case.request.kind == StateKind.DRAFT:
        raise WrongState
    note = is_note and isinstance(actor, Staff)
    if isinstance(actor, Citizen):
        await enqueue_message(session, case)
    elif not note:
        require_no_helper(case.request, actor)
        await finish_message(session, actor, case)
    add_message(session, actor, case.request, MessageKind.NOTE if note else MessageKind.MESSAGE, body)
    await session.flush()
    if not note:
        await record(session, actor, case.fact(MessagePosted, by=actor.kind))


async def resolve_message(session: AsyncSession, actor: Staff, folio: str) -> None:
    """Take a citizen's message off the queue without an answer: it was read and needs none.

    Raises:
        NotFound; WrongState: no message waits. ClaimedByAnother: a colleague has claimed it. ReviewerExcluded: the
        actor helped the person with the request.
    """
    case = await open_case(session, actor, folio)
    require_no_helper(case.request, actor)
    if not await finish_message(session, actor, case):
        raise WrongState
    await record(session, actor, case.fact(MessageResolved))


async def ask(
    session: AsyncSession, actor: Staff, folio: str, body: str, *, kinds: list[str], fields: list[str]
) -> Case:
    """Request documents or answers from the citizen: the clock stops until they provide them or the time expires.

    Raises:
        NotFound; ClaimNotHeld; WrongState; DocumentNotExpected: the service knows no such document; Invalid: no such
        answer.
    """
    case = await open_case(session, actor, folio)
    transition = case.transition("ask", party_of(actor))
    await require_hold(session, actor, case)
    _require_known(case, kinds, fields)
    row = case.request
    row.answer_by = legal.add_working_days(
        case.today, case.service.target.answer_days, await term_non_working_days(session, case)
    )
    add_message(session, actor, row, MessageKind.ASK, body, {"documents": kinds, "fields": fields})
    await apply_transition(session, case, transition)
    await record(session, actor, case.fact(InformationRequested, answer_by=row.answer_by))
    return case


def _require_known(case: Case, kinds: list[str], fields: list[str]) -> None:
    known = {needed.kind for needed in case.service.documents}
    if set(kinds) - known:
        raise DocumentNotExpected
    strange = sorted(set(fields) - set(case.service.form.fields))
    if strange:
        raise Invalid(fields=[FieldError(name, UNEXPECTED, "unexpected") for name in strange])


async def answer(
    session: AsyncSession,
    actor: Citizen,
    folio: str,
    body: str,
    answers: Mapping[str, Any],
    *,
    verified: Collection[UUID] = frozenset(),
) -> Case:
    """Answer the open question: back to the staff's queue, and the clock resumes. `verified` are the documents whose
    bytes were just found in the store (`verify_documents`).

    Raises:
        NotFound; WrongState: no question is open. DocumentsMissing, Invalid: some of it is missing. AlreadyOpen:
        with the new answers it is for the same as another. Conflict: a document was attached since they were verified.
    """
    case = await open_case(session, actor, folio)
    transition = case.transition("answer", "citizen")
    question = await open_question(session, case.request)
    if question is not None:
        await _require_given(session, case, question, normalize(case.service, answers), verified)
    row = case.request
    whole = applicable(case.service, normalize(case.service, row.answers | dict(answers)))
    wrong = validation_errors(case.service, whole, whole=True) or await invalid_units(session, case.service, whole)
    if wrong:
        raise Invalid(fields=wrong)
    facts = await load_facts(session, case.service, case.person, whole, case.today)
    wrong = answer_errors(case.service, facts)
    if wrong:
        raise Invalid(fields=wrong)
    await _keep_answers(session, case, whole)
    case.facts = facts
    add_message(session, actor, row, MessageKind.ANSWER, body)
    row.checks = [check.as_stored() for check in run_checks(case.service, facts)]
    await apply_transition(session, case, transition)
    case.show_due_date()
    await record(session, actor, case.fact(RequestAnswered, due_on=row.due_on))
    return case


async def _keep_answers(session: AsyncSession, case: Case, answers: dict[str, Any]) -> None:
    """Write the answers; the duplicate key may change with them."""
    row, key = case.request, duplicate_key(case.service, answers)
    if key == row.duplicate_key:
        row.answers = answers
        return
    async with only_one(session, row.person_id, row.service, key):
        row.answers, row.duplicate_key = answers, key
        await session.flush()


async def _require_given(
    session: AsyncSession, case: Case, question: RequestMessage, answers: Mapping[str, Any], verified: Collection[UUID]
) -> None:
    asks = question.asks or {}
    verified_documents = await require_verified(session, case.request, verified)
    new = {one.kind for one in verified_documents if one.uploaded_at > question.created_at}
    missing = [kind for kind in asks.get("documents", []) if kind not in new]
    if missing:
        raise DocumentsMissing(fields=[FieldError(kind, MISSING_DOCUMENT, "missing_document") for kind in missing])
    unanswered = [name for name in asks.get("fields", []) if name not in answers]
    if unanswered:
        raise Invalid(fields=[FieldError(name, MISSING, "missing") for name in unanswered])


async def review_document(
    session: AsyncSession,
    actor: Staff,
    folio: str,
    document_id: UUID,
    *,
    accept: bool,
    reason: str | None,
    because: str | None = None,
) -> Document:
    """Review a document: accept it, or reject it by a reason of the list (`because`), in the
    officer's own words, or both. Stored in the citizen's language.

    Raises:
        NotFound; ClaimNotHeld; Invalid: rejected without a reason, or by one that isn't on the list.
    """
    case = await open_case(session, actor, folio)
    await require_hold(session, actor, case)
    document = await documents.document_of(session, case.request.person_id, case.request.id, document_id)
    if because is not None and because not in REASONS:
        raise Invalid(fields=[FieldError("because", ReasonUnknown.title, "reason_unknown")])
    with use_language(await language_of(session, case)):
        why = words(because, without_unseen(reason or ""))
    if not accept and not has_words(why):
        raise Invalid(fields=[FieldError("reason", MISSING, "missing")])
    documents.review(document, "accepted" if accept else "rejected", why)
    await session.flush()
    await record(session, actor, case.fact(DocumentReviewed, document_id=document.id, state=document.state))
    return document


async def language_of(session: AsyncSession, case: Case) -> str:
    """The language in which who filed the request is written to."""
    account = await account_of(session, case.request.applicant_id)
    return account.language if account else case.person.language
