"""Rules about clinics."""

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import Verdict, rule
from app.kernel.i18n import N_


@rule(
    N_("La clínica no atiende el código postal"),
    fail=N_("La clínica elegida no atiende el código postal %(postal_code)s"),
    unknown=N_("No consta qué códigos postales atiende la clínica elegida"),
)
def postal_code_served(facts: Facts) -> Verdict:
    """The unit serves the postal code. Unknown if the agency hasn't recorded which ones it serves.

    Reads: `unit_id`, `postal_code`.
    Source: the agency's coverage.
    """
    if facts.is_served is None:
        return Verdict("unknown")
    return Verdict.of(facts.is_served, postal_code=str(facts.answers.get("postal_code", "")))


@rule(
    N_("No hay consultorio con lugar"),
    fail=N_("Ningún consultorio de la clínica tiene lugar en ese turno"),
    unknown=N_("No consta cuántos lugares tienen los consultorios de la clínica en ese turno"),
)
def room_with_place(facts: Facts) -> Verdict:
    """A room of the unit has capacity in the shift. Unknown if its capacity isn't on record.

    Reads: `unit_id`, `shift`.
    Source: the agency's rooms.
    """
    return Verdict("unknown") if facts.has_place is None else Verdict.of(facts.has_place)


@rule(
    N_("Cambió de clínica hace poco"),
    fail=N_("Su último cambio fue el %(last)s, hace %(days)s, con el mismo domicilio; deben pasar %(needed_days)s"),
)
def not_changed_within(facts: Facts, *, days: int) -> Verdict:
    """The service was last granted at least `days` calendar days ago, or the address has changed since.

    Reads: `postal_code`.
    Source: domain catalogue; no public text of the norm was found.
    """
    last = facts.last_approved_on
    if last is None:
        return Verdict("pass")
    passed = (facts.today - last).days
    return Verdict.of(passed >= days or facts.address_changed, last=last.isoformat(), days=passed, needed_days=days)
