"""What checks found, why a request was decided so and what a correction changes, in words, as the actor may see it."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.catalog.definition import Reason, Service
from app.catalog.findings import private_sentence, sentence
from app.catalog.rules.workflow import Outcome
from app.kernel.i18n import N_, format_long_day, gettext, language, use_language
from app.kernel.parsing import iso_date
from app.registry.corrections import Correction
from app.requests.models import Request
from app.requests.rules.checks import concerns_others, refusing
from app.requests.rules.corrections import Change
from app.requests.rules.kinship import OPEN_END
from app.requests.schemas import CheckOut, ReasonOut, RegistryChangeOut

NO_NUMBER = "has_no_nss"
CURP_KNOWN = N_("No se sabe si ya tiene número: la CURP que declaró ya es de una persona del registro")


def check_out(service: Service, stored: dict[str, Any], *, for_staff: bool) -> CheckOut:
    """A check as the actor may see it. What the registry knows of another person is for staff: the applicant is shown
    the same whether that person is registered, covered by another person, or unknown."""
    asked = service.eligibility[stored["position"]]
    is_private = concerns_others(stored["rule"]) and not for_staff
    return CheckOut(
        rule=stored["rule"],
        text=private_sentence() if is_private else sentence(asked, stored["finding"], stored["values"]),
        outcome="unknown" if is_private else stored["outcome"],
        otherwise=stored["otherwise"],
        values={} if is_private else stored["values"],
        basis=str(asked.basis),
    )


def no_number_known(check: CheckOut) -> CheckOut:
    """For staff: whether who declared the CURP of a person of the registry has a number isn't known."""
    return check.model_copy(update={"text": gettext(CURP_KNOWN), "outcome": "unknown", "values": {}})


def checks_found(service: Service, request: Request) -> list[str]:
    """What the registry says against a request, as its applicant may read it: the checks that failed, but for those
    about another person."""
    failed = [one for one in request.checks if one["outcome"] == "fail" and not concerns_others(one["rule"])]
    return [check_out(service, one, for_staff=False).text for one in failed]


def reasons_out(service: Service, request: Request, *, for_staff: bool) -> list[ReasonOut]:
    """Why it was decided so: the officer's reasons, or the checks that refused it. Those proposed are for staff."""
    if request.proposed_by is not None and request.outcome is None and not for_staff:
        return []
    known = {reason.code: reason for reason in service.decision.reasons}
    found_checks = [reason_out(known[code]) for code in request.reasons if code in known]
    if found_checks or request.outcome != Outcome.REFUSED:
        return found_checks
    shown = [check_out(service, dict(one), for_staff=for_staff) for one in refusing(request.checks)]
    return [ReasonOut(code=one.rule, text=one.text, ground=one.basis) for one in shown]


def reason_out(reason: Reason) -> ReasonOut:
    """A reason of a decision, in the current language."""
    return ReasonOut(code=reason.code, text=str(reason.text), ground=str(reason.ground) if reason.ground else None)


Words = dict[str, str]
CORRECTED: Mapping[str, Words] = {
    "given_names": {"es": "Nombre", "en": "Given names"},
    "first_surname": {"es": "Primer apellido", "en": "First surname"},
    "second_surname": {"es": "Segundo apellido", "en": "Second surname"},
    "birth_on": {"es": "Fecha de nacimiento", "en": "Birth date"},
    "sex": {"es": "Sexo", "en": "Sex"},
    "curp": {"es": "CURP", "en": "CURP"},
}
"""What can be corrected, as people call it."""
REGISTERED: Mapping[str, Words] = {
    "holder": {"es": "Persona asegurada o pensionada", "en": "Insured person or pensioner"},
    "dependant": {"es": "Beneficiario", "en": "Dependant"},
    "kinship": {"es": "Parentesco", "en": "Kinship"},
    "covered_from": {"es": "Desde", "en": "From"},
    "covered_until": {"es": "Hasta", "en": "Until"},
}
"""What the registration of a dependant writes."""
LABELS: Mapping[str, Words] = {**CORRECTED, **REGISTERED}
KINSHIPS: Mapping[str, Words] = {
    "spouse": {"es": "Cónyuge", "en": "Spouse"},
    "civil-union": {"es": "Pareja por unión civil", "en": "Partner by civil union"},
    "partner": {"es": "Pareja", "en": "Partner"},
    "child": {"es": "Hija o hijo", "en": "Child"},
    "ward": {"es": "Menor a su cuidado", "en": "Minor in their care"},
    "parent": {"es": "Madre o padre", "en": "Mother or father"},
}
NOT_REGISTERED = {"es": "(sin registro)", "en": "(not registered)"}
NO_END = {"es": "Sin fecha de término", "en": "No end date"}
SEXES: Mapping[str, Words] = {
    "H": {"es": "Hombre", "en": "Man"},
    "M": {"es": "Mujer", "en": "Woman"},
    "X": {"es": "X (no binario)", "en": "X (non-binary)"},
}
NO_SURNAME = {"es": "(sin apellido)", "en": "(no surname)"}


def corrected_words(field: str, value: str) -> Words | str:
    """A value that a correction removes or adds, or that a registration writes."""
    if field in REGISTERED:
        return _registered_words(field, value)
    if field == "birth_on":
        return {code: _day_in(code, value) for code in ("es", "en")}
    if field == "sex":
        return SEXES.get(value, {"es": value, "en": value})
    return value or NO_SURNAME


def _registered_words(field: str, value: str) -> Words | str:
    if not value:
        return NOT_REGISTERED
    if field == "kinship":
        return KINSHIPS.get(value, {"es": value, "en": value})
    if value == OPEN_END:
        return NO_END
    return {code: _day_in(code, value) for code in ("es", "en")} if field not in ("holder", "dependant") else value


def _day_in(code: str, value: str) -> str:
    with use_language(code):
        return format_long_day(iso_date(value))


def changes_out(changes: Iterable[Change]) -> list[RegistryChangeOut]:
    """Changes as people and programs read them, in the current language."""
    return [
        RegistryChangeOut(
            field=one.field,
            label=LABELS[one.field][language()],
            before=one.before,
            after=one.after,
            before_text=_in_words(one.field, one.before),
            after_text=_in_words(one.field, one.after),
        )
        for one in changes
    ]


def changes_made(correction: Correction) -> list[Change]:
    """What a correction that was made changed, in the order of the registry's fields."""
    fields = [field for field in CORRECTED if field in correction.after]
    return [Change(field, correction.before[field], correction.after[field]) for field in fields]


def _in_words(field: str, value: str) -> str:
    words = corrected_words(field, value)
    return words if isinstance(words, str) else words[language()]
