"""Rules about the registry's own records, and about what only a declaration can tell."""

from dateutil.relativedelta import relativedelta

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import Verdict, rule
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.registry.identifiers import birth_date_of


@rule(
    N_("Sin número de seguridad social"),
    fail=N_("No hay un número de seguridad social a su nombre en el registro"),
)
def has_nss(facts: Facts) -> Verdict:
    """The person has a social-security number (NSS).

    Source: the agency's registry.
    """
    return Verdict.of(facts.person.nss is not None)


@rule(
    N_("Ya hay un número de seguridad social"),
    fail=N_("Ya hay un número de seguridad social a su nombre en el registro"),
)
def has_no_nss(facts: Facts) -> Verdict:
    """The person has no social-security number (NSS) yet.

    Source: agency practice: a number is for life.
    """
    return Verdict.of(facts.person.nss is None)


@rule(
    N_("Nadie ha comparado los datos con un documento"),
    fail=N_("Todavía nadie ha comparado su nombre y su CURP con un documento: lo hace un oficial"),
)
def data_compared(facts: Facts) -> Verdict:
    """The agency knows the person, or its staff have compared their data with a document.

    Source: LSS art. 8: the insured are identified.
    """
    return Verdict.of(not facts.person.is_declared)


@rule(
    N_("La edad es menor de la que se pide"),
    fail=N_("Tiene %(age)s; se piden %(needed)s"),
)
def age_at_least(facts: Facts, *, years: int) -> Verdict:
    """The person is at least `years` years old.

    Source: the service that names the age.
    """
    age = facts.person.age(facts.today)
    return Verdict.of(age >= years, age=age, needed=years)


@rule(
    N_("El dato nuevo no concuerda con la CURP"),
    birth_on=N_("Según la CURP, la fecha de nacimiento es el %(born)s; el dato nuevo dice otra"),
    sex=N_("La CURP lleva otra letra para el sexo que el dato nuevo"),
    no_curp=N_("La CURP del registro no permite leer una fecha de nacimiento"),
    unknown=N_("Ese dato no se puede comprobar con la CURP"),
)
def agrees_with_curp(facts: Facts, *, field: str, value: str = "") -> Verdict:
    """The corrected birth date or sex, whichever the answer `field` names, agrees with the new CURP, or with the
    registry's if none is given. Unknown for other data, which a CURP doesn't hold. The answer `value` has the new
    datum; without it, the answer with the datum's name.

    Reads: `curp` and those named.
    Source: Instructivo Normativo para la Asignación de la CURP (DOF 2021-10-18).
    """
    wanted = facts.answers.get(field)
    given, curp = facts.answers.get(value or str(wanted)), str(facts.answers.get("curp") or facts.person.curp)
    if wanted == "birth_on":
        return _agrees_in_birth(str(given), curp)
    if wanted == "sex":
        return Verdict("pass") if given == curp[10:11] else Verdict("fail", finding="sex")
    return Verdict("unknown")


@rule(
    N_("Una respuesta no es la que se pide"),
    fail=None,
)
def answer_is(facts: Facts, *, field: str, values: list[str | bool]) -> Verdict:
    """The answer `field` is one of `values`, and of the same type.

    Reads: the one named.
    Source: the service that names the values.
    """
    given = facts.answers.get(field)
    return Verdict.of(any(type(given) is type(value) and given == value for value in values))


@rule(
    N_("Alguien tiene una enfermedad previa"),
    fail=N_("Indicó que alguien tiene una enfermedad que la norma excluye"),
)
def illness_allowed(facts: Facts, *, field: str, values: list[str | bool], weeks: int, months: int) -> Verdict:
    """The answer `field`, about illnesses, is one of `values`; or the person contributed at least `weeks` weeks and
    left work at most `months` months ago.

    Reads: the one named.
    Source: Reglamento de la LSS en materia de afiliación, arts. 82, 83 and 98; the exception was not read.
    """
    given = facts.answers.get(field)
    if any(type(given) is type(value) and given == value for value in values):
        return Verdict("pass")
    last = facts.person.last_day_worked(facts.today)
    is_recent = last is not None and facts.today <= last + relativedelta(months=months)
    return Verdict.of(is_recent and facts.person.weeks(facts.today) >= weeks)


def _agrees_in_birth(given: str, curp: str) -> Verdict:
    try:
        born = birth_date_of(curp)
    except ValueError:
        return Verdict("fail", finding="no_curp")
    values = {"born": born.isoformat()}
    try:
        agrees = iso_date(given) == born
    except ValueError:
        agrees = False
    return Verdict("pass", values) if agrees else Verdict("fail", values, "birth_on")
