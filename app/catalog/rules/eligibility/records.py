"""Rules about the registry's own records, and about what only a declaration can tell."""

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.naming import Verdict, rule
from app.kernel.parsing import iso_date
from app.registry.identifiers import birth_date_of


@rule
def has_nss(facts: Facts) -> Verdict:
    """The person has a social-security number."""
    return Verdict.of(facts.person.nss is not None)


@rule
def has_no_nss(facts: Facts) -> Verdict:
    """The person has no social-security number yet."""
    return Verdict.of(facts.person.nss is None)


@rule
def age_at_least(facts: Facts, *, years: int) -> Verdict:
    """The person is so old."""
    age = facts.person.age(facts.today)
    return Verdict.of(age >= years, age=age, needed=years)


@rule
def agrees_with_curp(facts: Facts, *, field: str, value: str) -> Verdict:
    """A corrected birth date or sex agrees with what the CURP says; other data can't be read from it."""
    wanted, given = facts.answers.get(field), facts.answers.get(value)
    if wanted == "birth_on":
        try:
            return Verdict.of(iso_date(str(given)) == birth_date_of(facts.person.curp))
        except ValueError:
            return Verdict("fail")
    if wanted == "sex":
        return Verdict.of(given == facts.person.curp[10:11])
    return Verdict("unknown")


@rule
def answer_is(facts: Facts, *, field: str, values: list[str | bool]) -> Verdict:
    """A declaration has one of the values allowed."""
    given = facts.answers.get(field)
    return Verdict.of(any(type(given) is type(value) and given == value for value in values))
