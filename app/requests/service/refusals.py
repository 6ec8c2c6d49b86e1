"""A refusal as a document: written when decided, notified when it is first shown, annulled when it is replaced."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import is_answered
from app.kernel import clock, ids
from app.kernel.actor import Citizen
from app.kernel.i18n import N_, gettext, use_language
from app.requests.models import Refusal, Request
from app.requests.queries.case_file import refusal_in_force
from app.requests.service.cases import Case
from app.requests.service.results import person_snapshot
from app.requests.wording import checks_found, reasons_out

REFUSED = N_("Su solicitud se niega.")
# The figures of the registry that the resolution of a pension states, from its checks.
FIGURES = (
    ("pension_age", "age", N_("Edad, en años")),
    ("weeks_for_pension", "weeks", N_("Semanas cotizadas que se reconocen")),
    ("weeks_for_pension", "needed", N_("Semanas que pide la ley")),
)


def template_of(service: Service) -> str:
    """The document of a refusal; of a complaint, which isn't refused, that of its answer."""
    return "answer" if is_answered(service.id) else service.refusal.certificate


async def write_refusal(session: AsyncSession, case: Case, words: str) -> None:
    """Keep the refusal just decided, with all that its document says in both languages. `words`: what the officer
    wrote to the person; empty when rules decided."""
    row = case.request
    if row.decision_id is None or row.decided_at is None:
        raise ValueError("a refusal is written once the request is decided")
    refusal = Refusal(
        decision_id=row.decision_id,
        person_id=row.person_id,
        request_id=row.id,
        refused_at=row.decided_at,
        document=await _document(session, case, words),
    )
    session.add(refusal)
    await session.flush()


async def annul_refusal(session: AsyncSession, decision_id: UUID | None) -> None:
    """Another decision took the place of this one: if it was a refusal, it no longer holds, and its document says so
    where it is verified."""
    statement = update(Refusal).where(Refusal.decision_id == decision_id, Refusal.annulled_at.is_(None))
    if decision_id is not None:
        await session.execute(statement.values(annulled_at=clock.now()))


async def confirm_refusal(session: AsyncSession, decision_id: UUID | None) -> None:
    """An internal review found as the decision did: the refusal holds from its own day, and from now on a document says
    that it was confirmed."""
    if decision_id is not None:
        statement = update(Refusal).where(Refusal.decision_id == decision_id, Refusal.confirmed_at.is_(None))
        await session.execute(statement.values(confirmed_at=clock.now(), confirmation_id=ids.new_id()))


async def restore_refusal(session: AsyncSession, decision_id: UUID | None) -> None:
    """The decision that replaced this one was undone: the refusal holds again."""
    if decision_id is not None:
        await session.execute(update(Refusal).where(Refusal.decision_id == decision_id).values(annulled_at=None))


async def notify_refusal(session: AsyncSession, actor: Citizen, request: Request) -> Refusal | None:
    """The refusal in force, noting that it is shown now: the first time is the day its terms count from."""
    refusal = await refusal_in_force(session, request)
    if refusal is not None and refusal.notified_at is None:
        first = update(Refusal).where(Refusal.decision_id == refusal.decision_id, Refusal.notified_at.is_(None))
        await session.execute(first.values(notified_at=clock.now(), notified_to=actor.person_id))
        await session.refresh(refusal)
    return refusal


async def _document(session: AsyncSession, case: Case, words: str) -> dict[str, Any]:
    service, row = case.service, case.request
    sentence = service.wording["refused"].sentence.both() if "refused" in service.wording else _both(REFUSED)
    use = service.refusal
    return await person_snapshot(session, case) | {
        "template": template_of(service),
        "text": sentence,
        "valid_until": None,
        "facts": {
            "reasons": _reasons(case),
            "found": _found(case) if row.reasons else [],
            "words": words or None,
            "rows": _figures(case) if use.certificate == "pension-refusal" else [],
            "use": use.text.both() if use.text else None,
            "use_basis": use.basis.both() if use.basis else None,
        },
    }


def _reasons(case: Case) -> list[dict[str, Any]]:
    """Each reason with its legal ground, as the citizen is shown them."""

    def lines() -> list[tuple[str, str]]:
        return [(one.text, one.ground or "") for one in reasons_out(case.service, case.request, for_staff=False)]

    return [
        {"text": {"es": es[0], "en": en[0]}, "ground": {"es": es[1], "en": en[1]} if es[1] else None}
        for es, en in _in_both(lines)
    ]


def _found(case: Case) -> list[dict[str, str]]:
    """What the registry says against it, beside an officer's reasons."""
    found = _in_both(lambda: [(text, "") for text in checks_found(case.service, case.request)])
    return [{"es": es[0], "en": en[0]} for es, en in found]


def _figures(case: Case) -> list[dict[str, Any]]:
    values = {check["rule"]: check["values"] for check in case.request.checks}
    return [
        {"label": _both(label), "value": str(values[rule][name])}
        for rule, name, label in FIGURES
        if name in values.get(rule, {})
    ]


def _both(text: str) -> dict[str, str]:
    made = {}
    for language in ("es", "en"):
        with use_language(language):
            made[language] = gettext(text)
    return made


def _in_both(
    write: Callable[[], list[tuple[str, str]]],
) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    with use_language("es"):
        spanish = write()
    with use_language("en"):
        english = write()
    return list(zip(spanish, english, strict=True))
