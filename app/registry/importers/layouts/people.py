"""The file of people, merged by CURP; with or without the column `previous_curp`."""

from dataclasses import replace

from app.kernel.tabular.report import Reason
from app.registry.importers import checks, cleaning
from app.registry.importers.layouts.layout import TWICE, CrossFieldCheck, Field, Layout, Rule, twice, unit_known

NSS_TWICE = Reason("Ese NSS ya apareció antes en el archivo.", "That NSS came before in this file.")
NSS_OTHER = Reason(
    "Ese NSS es de otra persona del padrón. Si es la misma con su CURP corregida, dé la anterior en previous_curp.",
    "That NSS is another person's. If it is the same one with a corrected CURP, give the old one in previous_curp.",
)
ROOM_ALONE = Reason("Hay consultorio pero falta la unidad.", "There is a room but no unit.")
PREVIOUS_TWICE = Reason(
    "Esa CURP anterior ya apareció antes en el archivo.", "That previous CURP came before in this file."
)
PREVIOUS_UNKNOWN = Reason("No hay una persona con esa CURP anterior.", "There is no person with that previous CURP.")
BOTH_KNOWN = Reason(
    "Las dos CURP son de personas distintas del padrón: unirlas toca al personal.",
    "Both CURPs are of different people in the registry: staff must decide which one stays.",
)
FORMER = Reason(
    "Esa CURP fue reemplazada por otra; use la vigente.", "That CURP was replaced by another one; use the current one."
)

_VALUES = """
            s.id, s.curp, s.nss, s.given_names, coalesce(s.first_surname, '') AS first_surname, s.second_surname,
            s.birth_on, s.sex, u.id AS unit_id, s.room, s.shift, s.email,
            CASE WHEN s.phone NOT LIKE '+%' THEN '+52' || s.phone ELSE s.phone END AS phone, s.postal_code,
            coalesce(s.language, 'es') AS language
        FROM staged s LEFT JOIN unit u ON u.clues = s.clues"""
_DIFFERS = """
            (p.nss, p.given_names, p.first_surname, p.second_surname, p.birth_on, p.sex, p.unit_id, p.room, p.shift,
            p.email, p.phone, p.postal_code, p.language) IS DISTINCT FROM (n.nss, n.given_names, n.first_surname,
            n.second_surname, n.birth_on, n.sex, n.unit_id, n.room, n.shift, n.email, n.phone, n.postal_code,
            n.language)"""

PEOPLE = Layout(
    name="people",
    fields=(
        Field("curp", checks.is_curp, checks.BAD_CURP, cleaning.identifiers),
        Field("nss", checks.optional(checks.is_nss), checks.BAD_NSS, cleaning.identifiers),
        Field("given_names", checks.is_text, checks.BAD_TEXT, cleaning.names),
        Field("first_surname", checks.optional(checks.is_text), checks.BAD_TEXT, cleaning.names),
        Field("second_surname", checks.optional(checks.is_text), checks.BAD_TEXT, cleaning.names),
        Field("birth_on", checks.is_date, checks.BAD_DATE, cleaning.codes),
        Field("sex", checks.one_of("H", "M", "X"), checks.BAD_SEX, cleaning.capitals),
        Field("clues", checks.optional(checks.is_text), checks.BAD_TEXT, cleaning.identifiers),
        Field("room", checks.optional(checks.is_digits(1, 2, 3)), checks.BAD_NUMBER, cleaning.codes),
        Field("shift", checks.one_of("M", "V", "N", ""), checks.BAD_SHIFT, cleaning.capitals),
        Field("email", checks.optional(checks.is_email), checks.BAD_EMAIL, cleaning.emails, is_lenient=True),
        Field("phone", checks.optional(checks.is_phone), checks.BAD_PHONE, cleaning.phones, is_lenient=True),
        Field("postal_code", checks.optional(checks.is_digits(5)), checks.BAD_POSTAL, cleaning.identifiers),
        Field("language", checks.one_of("es", "en", ""), checks.BAD_LANGUAGE, cleaning.keywords),
    ),
    cross_field_checks=(
        CrossFieldCheck(("curp",), checks.NOT_BORN, checks.is_born),
        CrossFieldCheck(("curp", "birth_on", "sex"), checks.NOT_ITS_CURP, checks.agrees_with_curp),
    ),
    staging='id uuid, line bigint, curp text COLLATE "C", nss text COLLATE "C", given_names text, first_surname text,'
    " second_surname text, birth_on date, sex text, clues text, room integer, shift text, email text, phone text,"
    " postal_code text, language text",
    needs_ids=True,
    rules=(
        Rule("curp", TWICE, twice("curp")),
        Rule("nss", NSS_TWICE, twice("nss")),
        Rule("curp", FORMER, "SELECT s.line, s.curp FROM staged s JOIN former_curp f ON f.curp = s.curp"),
        unit_known(),
        Rule("room", ROOM_ALONE, "SELECT line, room::text FROM staged WHERE room IS NOT NULL AND clues IS NULL"),
        # On the state after the file: the person who has the number now may be given another one in it.
        Rule(
            "nss",
            NSS_OTHER,
            """
            SELECT s.line, s.nss FROM staged s JOIN person p ON p.nss = s.nss
            WHERE p.curp <> s.curp AND NOT EXISTS (SELECT 1 FROM staged t WHERE t.curp = p.curp)
            """,
        ),
    ),
    table="person",
    # A number that goes from one person to another is free in between: the index is looked at row by row.
    before_merge=(
        """
        UPDATE person p SET nss = NULL FROM staged s JOIN staged t ON t.nss IS NOT NULL AND t.curp <> s.curp
        WHERE p.curp = s.curp AND p.declared_at IS NULL AND p.nss = t.nss AND s.nss IS DISTINCT FROM p.nss
        """,
    ),
    change=f"""
        UPDATE person p SET nss = n.nss, given_names = n.given_names, first_surname = n.first_surname,
            second_surname = n.second_surname, birth_on = n.birth_on, sex = n.sex, unit_id = n.unit_id, room = n.room,
            shift = n.shift, email = n.email, phone = n.phone, postal_code = n.postal_code, language = n.language
        FROM (SELECT {_VALUES}) n
        WHERE p.curp = n.curp AND p.declared_at IS NULL AND ({_DIFFERS})
    """,
    merge=f"""
        INSERT INTO person (id, curp, nss, given_names, first_surname, second_surname, birth_on, sex, unit_id, room,
            shift, email, phone, postal_code, language)
        SELECT {_VALUES}
        WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.curp = s.curp AND p.declared_at IS NULL)
    """,
)

_RENAMED = "s.previous_curp IS NOT NULL AND s.previous_curp <> s.curp"

# A person keeps id, account, appointments, requests and certificates; the former CURP stays findable.
RENAMED_PEOPLE = replace(
    PEOPLE,
    fields=(
        *PEOPLE.fields,
        Field("previous_curp", checks.optional(checks.is_curp), checks.BAD_CURP, cleaning.identifiers),
    ),
    staging=PEOPLE.staging + ', previous_curp text COLLATE "C"',
    rules=(
        Rule("previous_curp", PREVIOUS_TWICE, twice("previous_curp")),
        Rule(
            "previous_curp",
            PREVIOUS_UNKNOWN,
            f"""
            SELECT s.line, s.previous_curp FROM staged s WHERE {_RENAMED}
                AND NOT EXISTS (SELECT 1 FROM person p WHERE p.curp = s.previous_curp AND p.declared_at IS NULL)
                AND NOT EXISTS (SELECT 1 FROM former_curp f JOIN person p ON p.id = f.person_id
                    WHERE f.curp = s.previous_curp AND p.curp = s.curp)
            """,
        ),
        Rule(
            "previous_curp",
            BOTH_KNOWN,
            f"""
            SELECT s.line, s.previous_curp FROM staged s WHERE {_RENAMED}
                AND EXISTS (SELECT 1 FROM person p WHERE p.curp = s.previous_curp AND p.declared_at IS NULL)
                AND EXISTS (SELECT 1 FROM person p WHERE p.curp = s.curp AND p.declared_at IS NULL)
            """,
        ),
        *(
            replace(
                rule,
                sql=rule.sql + " AND NOT EXISTS (SELECT 1 FROM staged t WHERE t.previous_curp = p.curp)",
            )
            if rule.reason is NSS_OTHER
            else rule
            for rule in PEOPLE.rules
        ),
    ),
    change=PEOPLE.change.replace(
        _DIFFERS,
        f"EXISTS (SELECT 1 FROM former_curp f WHERE f.person_id = p.id AND f.replaced_at = now()) OR {_DIFFERS}",
    ),
    before_merge=(
        f"""
        WITH renamed AS (
            UPDATE person p SET curp = s.curp FROM staged s WHERE {_RENAMED}
                AND p.curp = s.previous_curp AND p.declared_at IS NULL
            RETURNING p.id, s.curp, s.previous_curp
        ), known AS (
            UPDATE account a SET curp = r.curp FROM renamed r WHERE a.person_id = r.id
        ), trusted AS (
            UPDATE mandate m SET delegate_curp = r.curp FROM renamed r WHERE m.delegate_curp = r.previous_curp
        )
        INSERT INTO former_curp (curp, person_id, replaced_at) SELECT previous_curp, id, now() FROM renamed
        """,
        *PEOPLE.before_merge,
    ),
)
