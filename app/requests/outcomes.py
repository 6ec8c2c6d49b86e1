"""What checks found and why a request was decided so, in words, as the actor may see it."""

from typing import Any

from app.catalog.definition import Reason, Service
from app.catalog.findings import private_sentence, sentence
from app.kernel.i18n import N_, gettext
from app.requests.models import Request
from app.requests.rules.checks import concerns_others, refusing
from app.requests.schemas import CheckOut, ReasonOut

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
    found_checks = [
        ReasonOut(code=code, text=str(known[code].text), ground=_ground(known[code]))
        for code in request.reasons
        if code in known
    ]
    if found_checks or request.outcome != "refused":
        return found_checks
    shown = [check_out(service, dict(one), for_staff=for_staff) for one in refusing(request.checks)]
    return [ReasonOut(code=one.rule, text=one.text, ground=one.basis) for one in shown]


def _ground(reason: Reason) -> str | None:
    return str(reason.ground) if reason.ground else None
