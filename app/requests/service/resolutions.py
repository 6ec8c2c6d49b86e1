"""What the document of a decision says, fixed when it is made, so that it never changes: the snapshot of an approval,
and the refusal, which is notified when it is first shown and annulled when another decision takes its place."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import is_answered
from app.kernel import clock, ids
from app.kernel.actor import Citizen
from app.kernel.i18n import LANGUAGES, N_, format_long_day, gettext, use_language
from app.law.current import refresh
from app.registry.dependant_coverage import is_covered, last_covered_day
from app.registry.models import Dependant, Person, SickLeave
from app.registry.queries import jobs_of, own_rights_of, rights_of, work_of
from app.registry.rights import conservation_on
from app.registry.rules import Period, contribution_days, contribution_weeks, limit_until
from app.requests.models import Refusal, Request
from app.requests.queries.case_file import refusal_in_force
from app.requests.rules.amounts import Certificate, Paid, Relation, chains, nursery_points, payments, sick_leave_terms
from app.requests.service.cases import Case, facts_of
from app.requests.wording import checks_found, reasons_out

_UNIT = text("SELECT name, clues FROM unit WHERE id = CAST(:id AS uuid)")
Facts = dict[str, Any]
CONTINUATION = "Modalidad 40"
"""In the place of an employer."""


async def snapshot(session: AsyncSession, case: Case, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All a certificate says, as plain JSON."""
    template = case.service.result.certificate
    if template is None:
        return {"rows": rows}
    make = _TEMPLATES.get(template)
    facts = await make(session, case) if make else {"rows": rows, "reasons": _reasons(case)}
    valid = case.service.result.valid_days
    made: dict[str, Any] = await person_snapshot(session, case) | {
        "template": template,
        "text": case.service.result.text.both(),
        "valid_until": (case.today + timedelta(days=valid)).isoformat() if valid is not None else None,
        "facts": facts,
    }
    if "approved" in case.service.wording:
        made["statement"] = case.service.wording["approved"].sentence.both()
    if "place_in_nursery" in case.service.result.effects:
        made["nursery_points"] = nursery_points(case.request.answers, case.service.result.parameters)
    return made


async def person_snapshot(session: AsyncSession, case: Case) -> dict[str, Any]:
    """What every certificate says of whom it is about: the person and their unit as the registry has them today."""
    with session.no_autoflush:  # what is pending is written with the decision, at once
        unit = (await session.execute(_UNIT, {"id": case.person.unit_id})).one_or_none()
    return {
        "service_name": case.service.name.both(),
        "issued_on": case.today.isoformat(),
        "person": {
            "name": case.person.full_name,
            "curp": case.person.curp,
            "nss": case.person.nss,
            "birth_on": case.person.birth_on.isoformat(),
        },
        "unit": {"name": unit.name, "clues": unit.clues} if unit else None,
    }


def _reasons(case: Case) -> list[dict[str, str]]:
    known = {reason.code: reason.text.both() for reason in case.service.decision.reasons}
    return [known[code] for code in case.request.reasons if code in known]


async def _nss(_session: AsyncSession, case: Case) -> Facts:
    return {"nss": case.person.nss}


async def _vigencia(session: AsyncSession, case: Case) -> Facts:
    rights = await rights_of(session, case.person.id, case.today)
    given = await own_rights_of(session, case.person.id, case.today)
    conserved = conservation_on(case.today)
    kin = (
        select(Person, Dependant)
        .join(Dependant, Dependant.person_id == Person.id)
        .where(Dependant.holder_id == case.person.id, is_covered(case.today))
        .order_by(Person.birth_on)
    )
    listed = [
        {
            "name": who.full_name,
            "kinship": link.kinship,
            "until": _iso(limit_until(given, last_covered_day(link, who, case.today)).until),
            "in_force": given.is_in_force,
        }
        for who, link in await session.execute(kin)
    ]
    return {
        "in_force": rights.is_in_force,
        "until": _iso(rights.until),
        "reason": rights.reason,
        "dependants": listed,
        "needed_weeks": conserved.needed,
        "conserved_weeks": conserved.weeks,
    }


async def _weeks(session: AsyncSession, case: Case) -> Facts:
    rows, person = await work_of(session, case.person.id), (await facts_of(session, case)).person
    work = [Period(row.starts_on, row.ends_on) for row in rows]
    continuation = person.continuation
    periods = [*work, *continuation]
    withdrawn = sum(one.weeks for one in person.withdrawals)
    by_employer = case.request.answers.get("by_employer") is True
    named = [(row.employer, one) for row, one in zip(rows, work, strict=True)]
    named += [(CONTINUATION, one) for one in continuation]
    listed = [
        {
            "employer": employer if by_employer else None,
            "starts_on": one.starts_on.isoformat(),
            "ends_on": _iso(one.ends_on),
            "days": contribution_days([one], date.min, case.today),
        }
        for employer, one in sorted(named, key=lambda pair: pair[1].starts_on)
        if one.starts_on <= case.today
    ]
    return {
        "weeks": contribution_weeks(periods, case.today, withdrawn),
        "days": contribution_days(periods, date.min, case.today),
        "withdrawn": withdrawn,
        "periods": listed,
    }


async def _sick_leave(session: AsyncSession, case: Case) -> Facts:
    law, jobs = await refresh(session), jobs_of(await work_of(session, case.person.id))
    rows = await session.scalars(select(SickLeave).where(SickLeave.person_id == case.person.id))
    found: list[Paid] = []
    for chain in chains(map(_certificate, rows)):
        found += payments(chain, jobs, sick_leave_terms(law, chain[0].kind, chain[0].starts_on))
    latest_first = sorted(found, key=lambda paid: (paid.certificate.starts_on, paid.certificate.folio), reverse=True)
    return {
        "leaves": [
            {
                "folio": paid.certificate.folio,
                "kind": paid.certificate.kind,
                "starts_on": paid.certificate.starts_on.isoformat(),
                "days": paid.certificate.days,
                "began_on": paid.began_on.isoformat(),
                "paid_days": paid.days,
                "payment": str(paid.amount),
                "reason": paid.reason,
            }
            for paid in latest_first
        ],
        "total": str(sum((paid.amount for paid in found), Decimal(0))),
    }


def _certificate(row: SickLeave) -> Certificate:
    relation = cast("Relation | None", row.relation)
    return Certificate(row.folio, row.kind, row.starts_on, row.days, row.daily_wage, relation, row.has_opinion)


async def _not_insured(_session: AsyncSession, _case: Case) -> Facts:
    return {}


_TEMPLATES: dict[str, Callable[[AsyncSession, Case], Awaitable[Facts]]] = {
    "nss": _nss,
    "vigencia": _vigencia,
    "weeks": _weeks,
    "sick-leave": _sick_leave,
    "not-insured": _not_insured,
}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


Row = dict[str, Any]
"""`is_name`: the value names a person, and only a part of it is for strangers."""


def row(es: str, en: str, value: object) -> Row:
    """A line of a resolution."""
    return {"label": {"es": es, "en": en}, "value": str(value)}


def day_row(es: str, en: str, day: date) -> Row:
    """A line of a resolution with a day, in words."""
    in_words = {}
    for code in LANGUAGES:
        with use_language(code):
            in_words[code] = format_long_day(day)
    return row(es, en, "") | {"value": in_words}


def chosen(case: Case, field: str, es: str, en: str) -> Row:
    """A line of a resolution with an answer, by the words of its option rather than its code."""
    value = case.request.answers[field]
    view = case.service.form.fields.get(field)
    option = next((one for one in view.options if one.value == value), None) if view else None
    line = row(es, en, value)
    return line | {"value": option.label.both()} if option else line


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
            "reasons": _refusal_reasons(case),
            "found": _found(case) if row.reasons else [],
            "words": words or None,
            "rows": _figures(case) if use.certificate == "pension-refusal" else [],
            "use": use.text.both() if use.text else None,
            "use_basis": use.basis.both() if use.basis else None,
        },
    }


def _refusal_reasons(case: Case) -> list[dict[str, Any]]:
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
