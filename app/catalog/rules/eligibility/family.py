"""Rules about kinship. LSS arts. 5-A XII and 84; figures are parameters of the service files."""

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import Verdict, rule
from app.catalog.rules.eligibility.work import rights_in_force, works_or_pensioner
from app.kernel.i18n import N_
from app.registry.rules import CHILDREN, COUPLE


@rule(
    N_("La otra persona no está en el registro"),
    concerns_others=True,
    fail=N_("Esa CURP no está en el registro"),
)
def relative_known(facts: Facts) -> Verdict:
    """The person named is in the registry.

    Reads: `dependant_curp`.
    Source: the agency's registry.
    """
    return Verdict.of(facts.relative is not None)


@rule(
    N_("La otra persona ya está registrada por alguien más"),
    concerns_others=True,
    fail=N_("Esa persona ya está registrada por alguien más"),
    unknown=N_("Esa CURP no está en el registro: no se sabe si alguien más registró a esa persona"),
)
def relative_not_covered(facts: Facts) -> Verdict:
    """The person named isn't registered through another insured person. Unknown if the registry doesn't have them.

    Reads: `dependant_curp`.
    Source: the agency's registry.
    """
    if facts.relative is None:
        return Verdict("unknown")
    return Verdict.of(not facts.relative.covered_by_others)


@rule(
    N_("El parentesco o la edad no son de los que se registran"),
    kinship=N_("Ese parentesco no es de los que se pueden registrar"),
    age=N_(
        "Quien se registra tiene %(age)s y no se indicó que estudie ni que tenga una discapacidad; el límite es"
        " %(limit)s"
    ),
    student_age=N_("Quien se registra tiene %(age)s; el límite para quien estudia es %(limit)s"),
    unknown=N_("Falta la CURP de esa persona: no se sabe su edad"),
)
def kinship_allowed(facts: Facts, *, child_until: int, student_until: int) -> Verdict:
    """The kinship can be registered: spouse, partner and parents at any age; children and wards under `child_until`
    years, under `student_until` years if they study, and at any age with a disability. Their rights end at the same
    ages. Unknown without the CURP of a child.

    Reads: `kinship`, `situation`, `dependant_curp`.
    Source: LSS art. 84 V and VI (DOF 1995-12-21), and VII (DOF 2024-06-07).
    """
    kinship = facts.answers.get("kinship")
    if kinship not in CHILDREN:
        return Verdict("pass") if kinship in (*COUPLE, "parent") else Verdict("fail", finding="kinship")
    age = facts.relative_age()
    if age is None:
        return Verdict("unknown")
    if facts.answers.get("situation") == "disability" or age < child_until:
        return Verdict("pass", {"age": age, "limit": child_until})
    if facts.answers.get("situation") != "studies":
        return Verdict("fail", {"age": age, "limit": child_until}, "age")
    values = {"age": age, "limit": student_until}
    return Verdict("pass", values) if age < student_until else Verdict("fail", values, "student_age")


@rule(
    N_("Ya hay cónyuge o pareja registrada"),
    fail=N_("Ya hay otra persona registrada como cónyuge o pareja"),
)
def one_couple(facts: Facts) -> Verdict:
    """No other spouse or partner is registered.

    Reads: `kinship`.
    Source: LSS arts. 5-A XII and 84: the partner in the absence of a spouse.
    """
    if facts.answers.get("kinship") not in COUPLE:
        return Verdict("pass")
    return Verdict.of(not any(kin.kinship in COUPLE for kin in facts.family))


@rule(
    N_("Una de las dos personas no tiene la edad para casarse"),
    theirs=N_("Según la CURP esa persona tiene %(age)s; la edad para casarse son %(needed)s"),
    mine=N_("Usted tiene %(age)s; la edad para casarse son %(needed)s"),
    unknown=N_("Falta la CURP de esa persona: no se sabe su edad"),
)
def couple_of_age(facts: Facts, *, years: int) -> Verdict:
    """The spouse or partner and the insured person are both at least `years` years old. Unknown without the CURP of the
    spouse or partner.

    Reads: `dependant_curp`.
    Source: Código Civil Federal, art. 148 (DOF 2019-06-03); that a partnership requires the same is the agency's own.
    """
    theirs, mine = facts.relative_age(), facts.person.age(facts.today)
    if theirs is None:
        return Verdict("unknown")
    if theirs < years:
        return Verdict("fail", {"age": max(theirs, 0), "needed": years}, "theirs")
    return Verdict("pass") if mine >= years else Verdict("fail", {"age": mine, "needed": years}, "mine")


@rule(
    N_("Una de las dos personas está casada"),
    fail=N_("Indicó que uno de los dos está casado con otra persona"),
)
def free_of_marriage(facts: Facts) -> Verdict:
    """The answer states that neither partner is married.

    Reads: `both_unmarried`.
    Source: LSS art. 84 III (DOF 2023-01-20).
    """
    return Verdict.of(facts.answers.get("both_unmarried") is True)


@rule(
    N_("Las fechas de nacimiento no son posibles para el parentesco"),
    fail=N_(
        "Según las CURP, la diferencia entre madre o padre e hija o hijo es de %(apart)s; se piden %(needed)s o más"
    ),
)
def parent_older(facts: Facts, *, years: int) -> Verdict:
    """The parent is at least `years` years older than the child, by year of birth.

    Reads: `kinship`, `dependant_curp`.
    Source: the agency's own plausibility check, which reveals a wrong CURP.
    """
    if facts.relative_birth_on is None or facts.answers.get("kinship") not in ("parent", "child"):
        return Verdict("pass")
    mine, theirs = facts.person.birth_on.year, facts.relative_birth_on.year
    apart = mine - theirs if facts.answers["kinship"] == "parent" else theirs - mine
    return Verdict.of(apart >= years, apart=apart, needed=years)


HOLDER_UNKNOWN = N_("La persona asegurada no está en el registro: no se sabe")


@rule(
    N_("La persona asegurada no está en el registro"),
    concerns_others=True,
    fail=N_("No hay en el registro una persona con ese NSS o esa CURP"),
)
def holder_known(facts: Facts) -> Verdict:
    """In a registration that the relative requests: the insured person named is in the registry.

    Reads: `asked_by`, `holder`.
    Source: the agency's registry.
    """
    return Verdict.of(facts.holder_side is not None)


@rule(
    N_("La persona asegurada no puede registrar beneficiarios"),
    concerns_others=True,
    fail=N_("La persona asegurada no tiene hoy derechos vigentes"),
    no_work=N_("La persona asegurada tiene derechos vigentes, pero hoy ni trabaja ni tiene una pensión"),
    unknown=HOLDER_UNKNOWN,
)
def holder_insured(facts: Facts) -> Verdict:
    """In a registration that the relative requests: the insured person has rights in force today, by work or a pension
    (`rights_in_force` and `works_or_pensioner`). Unknown if the registry doesn't have them.

    Reads: `holder`.
    Source: LSS arts. 84 I to IX and 109 (DOF 1995-12-21).
    """
    side = facts.holder_side
    if side is None:
        return Verdict("unknown")
    if rights_in_force(side).outcome != "pass":
        return Verdict("fail")
    return Verdict("pass") if works_or_pensioner(side).outcome == "pass" else Verdict("fail", finding="no_work")


@rule(
    N_("La persona asegurada ya tiene cónyuge o pareja registrada"),
    concerns_others=True,
    fail=N_("La persona asegurada ya tiene a otra persona registrada como cónyuge o pareja"),
    unknown=HOLDER_UNKNOWN,
)
def holder_without_couple(facts: Facts) -> Verdict:
    """In a registration that the relative requests: the insured person has no other spouse or partner registered.
    Unknown if the registry doesn't have them.

    Reads: `holder`, `kinship`.
    Source: LSS arts. 5-A XII and 84: the partner in the absence of a spouse.
    """
    side = facts.holder_side
    if side is None:
        return Verdict("unknown")
    return Verdict.of(not any(kin.kinship in COUPLE and kin.curp != facts.person.curp for kin in side.family))


@rule(
    N_("Las edades no son posibles para el parentesco"),
    concerns_others=True,
    fail=N_("Según el registro, las edades de los dos no son posibles para ese parentesco"),
    unknown=HOLDER_UNKNOWN,
)
def holder_age_fits(facts: Facts, *, marriage_age: int, years: int) -> Verdict:
    """In a registration that the relative requests: both ages fit the kinship, by the registry's birth date of the
    insured person (`couple_of_age` with `marriage_age` years, `parent_older` with `years`). Unknown if the registry
    doesn't have them.

    Reads: `holder`, `kinship`.
    Source: Código Civil Federal, art. 148 (DOF 2019-06-03), and the agency's own plausibility check.
    """
    side = facts.holder_side
    if side is None:
        return Verdict("unknown")
    is_couple = side.answers.get("kinship") in COUPLE
    found = couple_of_age(side, years=marriage_age) if is_couple else parent_older(side, years=years)
    return Verdict.of(found.outcome == "pass")


@rule(
    N_("La otra persona pidió lo mismo"),
    concerns_others=True,
    fail=N_("La otra persona ya pidió el mismo registro, con la solicitud %(folio)s"),
)
def asked_once(facts: Facts) -> Verdict:
    """The other of the two people has no open request for the same registration.

    Reads: `dependant_curp` or `holder`.
    Source: the agency's own: either may request it, and one registration answers both.
    """
    return Verdict("pass") if facts.other_folio is None else Verdict("fail", {"folio": facts.other_folio})


@rule(
    N_("La otra persona no es beneficiaria"),
    fail=N_("Esa persona no está registrada hoy como beneficiaria suya"),
)
def is_my_dependant(facts: Facts) -> Verdict:
    """The person named is registered as a dependant of the applicant today.

    Reads: `dependant_curp`.
    Source: the agency's registry.
    """
    return Verdict.of(any(kin.curp == facts.answers.get("dependant_curp") for kin in facts.family))


@rule(
    N_("La niña o el niño no es beneficiario suyo"),
    fail=N_("La niña o el niño no está registrado hoy como beneficiario suyo"),
)
def is_my_child(facts: Facts) -> Verdict:
    """The person named is a child of the applicant or a minor in their care, registered as their dependant today.

    Reads: `dependant_curp`.
    Source: LSS art. 201 (DOF 2020-10-21).
    """
    named = facts.answers.get("dependant_curp")
    return Verdict.of(any(kin.curp == named and kin.kinship in CHILDREN for kin in facts.family))


@rule(
    N_("Un juez ordenó el registro"),
    fail=N_("Un juez ordenó el registro de esa persona"),
)
def no_court_order(facts: Facts) -> Verdict:
    """No court ordered the registration of the dependant named.

    Reads: `dependant_curp`.
    Source: domain catalogue; court orders are a mark in the registry.
    """
    named = [kin for kin in facts.family if kin.curp == facts.answers.get("dependant_curp")]
    return Verdict.of(not any(kin.is_protected for kin in named))


@rule(
    N_("La edad de la niña o el niño no es la que se pide"),
    too_young=N_("La niña o el niño tiene %(days)s de edad; se recibe desde los %(from_days)s"),
    too_old=N_("La niña o el niño tiene %(age)s; se recibe antes de cumplir %(limit)s"),
    unborn=N_("Según la CURP, la niña o el niño nace el %(born)s"),
    unknown=N_("Falta la CURP de la niña o el niño: no se sabe su edad"),
)
def child_age_between(facts: Facts, *, from_days: int, until_years: int) -> Verdict:
    """The child named is at least `from_days` days old and under `until_years` years. Unknown without their CURP.

    Reads: `dependant_curp`.
    Source: LSS arts. 201 to 207; the number of the article on ages (206) is not confirmed.
    """
    born, age = facts.relative_birth_on, facts.relative_age()
    if born is None or age is None:
        return Verdict("unknown")
    days = (facts.today - born).days
    if days < 0:
        return Verdict("fail", {"born": born.isoformat()}, "unborn")
    if days < from_days:
        return Verdict("fail", {"days": days, "from_days": from_days}, "too_young")
    values = {"age": age, "limit": until_years}
    return Verdict("pass", values) if age < until_years else Verdict("fail", values, "too_old")
