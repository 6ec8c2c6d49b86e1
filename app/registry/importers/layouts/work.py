"""Files about people's work: affiliation periods, pensions, sick leave, and withdrawals for unemployment."""

from app.kernel.tabular.report import Reason
from app.registry.importers import checks, cleaning
from app.registry.importers.layouts.layout import (
    FROM_PEOPLE,
    ORDER,
    TWICE,
    Field,
    Layout,
    Rule,
    person_known,
    twice,
    upsert,
)

FOLIO_TWICE = Reason(
    "Ese folio de la misma persona ya apareció antes en el archivo.",
    "That folio of the same person came before in this file.",
)
PENSION_TWICE = Reason(
    "Esa pensión de la misma persona y el mismo día ya apareció antes en el archivo.",
    "That pension of the same person from the same day came before in this file.",
)
NO_LINE = Reason("No hay una inscripción con esa línea de captura.", "There is no enrolment with that payment line.")
OTHER_MONTH = Reason(
    "Ese mes no es de ese seguro: es anterior a su inicio, o no es el de inicio de una póliza anual.",
    "That month isn't of that insurance: it is before its first day, or not the first month of a yearly policy.",
)
MONTH_TWICE = Reason(
    "Ese mes de la misma línea de captura ya apareció antes en el archivo.",
    "That month of the same payment line came before in this file.",
)
WITHDRAWAL_TWICE = Reason(
    "Un retiro de la misma persona y el mismo día ya apareció antes en el archivo.",
    "A withdrawal of the same person on the same day came before in this file.",
)


def _periods(*, with_scheme: bool = False, with_casual: bool = False) -> Layout:
    """The file of periods of work, with or without its two optional columns; a column that isn't there writes
    nothing."""
    extra = {
        "scheme": Field("scheme", checks.one_of("work", "modality-40", ""), checks.BAD_SCHEME, cleaning.keywords),
        "casual": Field("casual", checks.one_of("yes", "no", ""), checks.BAD_YES_NO, cleaning.keywords),
    }
    chosen = [name for name, is_there in (("scheme", with_scheme), ("casual", with_casual)) if is_there]
    written = {
        "scheme": ("scheme", "coalesce(nullif(s.scheme, ''), 'work')"),
        "casual": ("is_casual", "coalesce(s.casual = 'yes', false)"),
    }
    more = [written[name] for name in chosen]
    return Layout(
        name="periods",
        fields=(
            Field("curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
            Field("employer", checks.is_text, checks.BAD_TEXT),
            Field("daily_wage", checks.optional(checks.is_money), checks.BAD_NUMBER, cleaning.codes),
            Field("starts_on", checks.is_date, checks.BAD_DATE, cleaning.codes),
            Field("ends_on", checks.optional(checks.is_date), checks.BAD_DATE, cleaning.codes),
            *(extra[name] for name in chosen),
        ),
        staging='line bigint, curp text COLLATE "C", employer text, daily_wage numeric(10,2), starts_on date,'
        " ends_on date, scheme text, casual text",
        rules=(
            person_known(),
            Rule("ends_on", ORDER, "SELECT line, ends_on::text FROM staged WHERE ends_on < starts_on"),
            Rule("curp", TWICE, twice("(curp, starts_on, employer)::text")),
        ),
        table="affiliation",
        merge=upsert(
            "affiliation",
            ("person_id", "starts_on", "employer"),
            ("ends_on", "daily_wage", *(column for column, _sql in more)),
            "SELECT p.id, s.starts_on, s.employer, s.ends_on, s.daily_wage"
            + "".join(f", {sql}" for _column, sql in more)
            + FROM_PEOPLE,
        ),
    )


PERIODS = _periods()
OTHER_PERIODS = (
    _periods(with_scheme=True),
    _periods(with_casual=True),
    _periods(with_scheme=True, with_casual=True),
)

PAYMENTS = Layout(
    name="payments",
    fields=(
        Field("payment_line", checks.is_digits(20), checks.BAD_LINE, cleaning.identifiers),
        Field("paid_on", checks.is_date, checks.BAD_DATE, cleaning.codes),
        Field("month", checks.optional(checks.is_date), checks.BAD_DATE, cleaning.codes),
    ),
    staging="line bigint, payment_line text, paid_on date, month date, first date",
    prepare=(
        """
        UPDATE staged s SET first = CAST(date_trunc('month', coalesce(s.month, v.starts_on)) AS date)
        FROM voluntary_enrolment v WHERE v.payment_line = s.payment_line
        """,
    ),
    rules=(
        Rule(
            "payment_line",
            NO_LINE,
            "SELECT s.line, s.payment_line FROM staged s WHERE NOT EXISTS"
            " (SELECT 1 FROM voluntary_enrolment v WHERE v.payment_line = s.payment_line)",
        ),
        Rule(
            "month",
            OTHER_MONTH,
            "SELECT s.line, s.month::text FROM staged s JOIN voluntary_enrolment v ON v.payment_line = s.payment_line"
            " WHERE s.first < date_trunc('month', v.starts_on)"
            " OR (v.scheme = 'family-health' AND s.first <> date_trunc('month', v.starts_on))",
        ),
        Rule("month", MONTH_TWICE, twice("(payment_line, first)::text")),
    ),
    table="voluntary_payment",
    merge=upsert(
        "voluntary_payment",
        ("person_id", "scheme", "starts_on", "month"),
        ("paid_on",),
        "SELECT v.person_id, v.scheme, v.starts_on, s.first, s.paid_on FROM staged s"
        " JOIN voluntary_enrolment v ON v.payment_line = s.payment_line",
    ),
)

PENSIONS = Layout(
    name="pensions",
    fields=(
        Field("curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
        Field(
            "pension",
            checks.one_of(
                "old-age", "advanced-age", "invalidity", "work-risk", "widowhood", "orphanhood", "ascendants"
            ),
            checks.BAD_PENSION,
            cleaning.keywords,
        ),
        Field("starts_on", checks.is_date, checks.BAD_DATE, cleaning.codes),
        Field("ends_on", checks.optional(checks.is_date), checks.BAD_DATE, cleaning.codes),
    ),
    staging='line bigint, curp text COLLATE "C", pension text, starts_on date, ends_on date',
    rules=(
        person_known(),
        Rule("ends_on", ORDER, "SELECT line, ends_on::text FROM staged WHERE ends_on < starts_on"),
        Rule("pension", PENSION_TWICE, twice("(curp, pension, starts_on)::text")),
    ),
    table="pension",
    merge=upsert(
        "pension",
        ("person_id", "kind", "starts_on"),
        ("ends_on",),
        f"SELECT p.id, s.pension, s.starts_on, s.ends_on{FROM_PEOPLE}",
    ),
)


def _sick_leave(*, with_relation: bool = False, with_opinion: bool = False) -> Layout:
    """The file of sick leave, with or without its two optional columns."""
    extra = {
        "relation": Field(
            "relation", checks.one_of("initial", "subsequent", "relapse", ""), checks.BAD_RELATION, cleaning.keywords
        ),
        "medical_opinion": Field(
            "medical_opinion", checks.one_of("yes", "no", ""), checks.BAD_YES_NO, cleaning.keywords
        ),
    }
    chosen = [n for n, is_there in (("relation", with_relation), ("medical_opinion", with_opinion)) if is_there]
    written = {
        "relation": ("relation", "nullif(s.relation, '')"),
        "medical_opinion": ("has_opinion", "coalesce(s.medical_opinion = 'yes', false)"),
    }
    more = [written[name] for name in chosen]
    return Layout(
        name="sick leave",
        fields=(
            Field("curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
            Field("folio", checks.is_code, checks.BAD_CODE, cleaning.codes),
            Field("kind", checks.one_of("illness", "work-risk", "maternity"), checks.BAD_LEAVE, cleaning.keywords),
            Field("starts_on", checks.is_date, checks.BAD_DATE, cleaning.codes),
            Field("days", checks.within(1, 364), checks.BAD_DAYS, cleaning.codes),
            Field("daily_wage", checks.is_money, checks.BAD_NUMBER, cleaning.codes),
            *(extra[name] for name in chosen),
        ),
        staging='line bigint, curp text COLLATE "C", folio text, kind text, starts_on date, days integer,'
        " daily_wage numeric(10,2), relation text, medical_opinion text",
        rules=(person_known(), Rule("folio", FOLIO_TWICE, twice("(curp, folio)::text"))),
        table="sick_leave",
        merge=upsert(
            "sick_leave",
            ("person_id", "folio"),
            ("kind", "starts_on", "days", "daily_wage", *(column for column, _sql in more)),
            "SELECT p.id, s.folio, s.kind, s.starts_on, s.days, s.daily_wage"
            + "".join(f", {sql}" for _column, sql in more)
            + FROM_PEOPLE,
        ),
    )


SICK_LEAVE = _sick_leave()
OTHER_SICK_LEAVE = (
    _sick_leave(with_relation=True),
    _sick_leave(with_opinion=True),
    _sick_leave(with_relation=True, with_opinion=True),
)

# What the pension funds paid, and the weeks that it cost; a certificate of the portal alone is no withdrawal.
WITHDRAWALS = Layout(
    name="withdrawals",
    fields=(
        Field("curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
        Field("on_date", checks.is_date, checks.BAD_DATE, cleaning.codes),
        Field("weeks", checks.within(0, 9_999), checks.BAD_WEEKS, cleaning.codes),
    ),
    staging='line bigint, curp text COLLATE "C", on_date date, weeks integer',
    rules=(person_known(), Rule("on_date", WITHDRAWAL_TWICE, twice("(curp, on_date)::text"))),
    table="withdrawal",
    merge=upsert(
        "withdrawal",
        ("person_id", "on_date"),
        ("weeks",),
        f"SELECT p.id, s.on_date, s.weeks{FROM_PEOPLE}",
    ),
)
