"""Rules about kinship. LSS arts. 5-A XII and 84; figures are parameters of the service files."""

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.naming import Verdict, rule

COUPLE = ("spouse", "partner")


@rule
def relative_known(facts: Facts) -> Verdict:
    """The CURP named belongs to a person we know."""
    return Verdict.of(facts.relative is not None)


@rule
def relative_not_covered(facts: Facts) -> Verdict:
    """The relative isn't already registered through somebody."""
    if facts.relative is None:
        return Verdict("unknown")
    return Verdict.of(not facts.relative.covered_by_others)


@rule
def kinship_allowed(facts: Facts, *, child_until: int, student_until: int) -> Verdict:
    """Spouse, partner and parents at any age; children up to an age, students up to another, the disabled always."""
    kinship = facts.answers.get("kinship")
    if kinship != "child":
        return Verdict.of(kinship in (*COUPLE, "parent"), kinship=kinship)
    if facts.relative is None:
        return Verdict("unknown", {"kinship": kinship})
    age = facts.relative.age(facts.today)
    if facts.answers.get("situation") == "disability" or age < child_until:
        return Verdict("pass", {"age": age, "limit": child_until})
    studies = facts.answers.get("situation") == "studies"
    return Verdict.of(studies and age < student_until, age=age, limit=student_until if studies else child_until)


@rule
def one_couple(facts: Facts) -> Verdict:
    """Only one spouse or partner at a time."""
    if facts.answers.get("kinship") not in COUPLE:
        return Verdict("pass")
    return Verdict.of(not any(kin.kinship in COUPLE for kin in facts.family))


@rule
def parent_older(facts: Facts, *, years: int) -> Verdict:
    """A parent is older than their child, by so many years; a mistake in the CURP shows here."""
    if facts.relative is None or facts.answers.get("kinship") not in ("parent", "child"):
        return Verdict("pass")
    mine, theirs = facts.person.birth_on.year, facts.relative.birth_on.year
    apart = mine - theirs if facts.answers["kinship"] == "parent" else theirs - mine
    return Verdict.of(apart >= years, apart=apart, needed=years)


@rule
def is_my_dependant(facts: Facts) -> Verdict:
    """The CURP named is a dependant of the person today."""
    return Verdict.of(any(kin.curp == facts.answers.get("dependant_curp") for kin in facts.family))


@rule
def no_court_order(facts: Facts) -> Verdict:
    """No court ordered that the dependant be registered."""
    named = [kin for kin in facts.family if kin.curp == facts.answers.get("dependant_curp")]
    return Verdict.of(not any(kin.is_protected for kin in named))


@rule
def child_age_between(facts: Facts, *, from_days: int, until_years: int) -> Verdict:
    """The child named is at least so many days old and younger than so many years."""
    if facts.relative is None:
        return Verdict("unknown")
    days = (facts.today - facts.relative.birth_on).days
    return Verdict.of(
        days >= from_days and facts.relative.age(facts.today) < until_years,
        days=days,
        from_days=from_days,
        until_years=until_years,
    )
