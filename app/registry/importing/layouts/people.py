"""The file of people, merged by CURP."""

from app.kernel.tabular.report import Reason
from app.registry.importing import checks
from app.registry.importing.layouts.shape import TWICE, Field, Layout, Rule, twice, unit_known

NSS_TWICE = Reason("Ese NSS ya apareció antes en el archivo.", "That NSS came before in this file.")
NSS_OTHER = Reason("Ese NSS es de otra persona del padrón.", "That NSS belongs to someone else in the registry.")
ROOM_ALONE = Reason("Hay consultorio pero falta la unidad.", "There is a room but no unit.")

PEOPLE = Layout(
    name="people",
    fields=(
        Field("curp", checks.is_curp, checks.BAD_CURP),
        Field("nss", checks.optional(checks.is_nss), checks.BAD_NSS),
        Field("given_names", checks.is_text, checks.BAD_TEXT),
        Field("first_surname", checks.is_text, checks.BAD_TEXT),
        Field("second_surname", checks.optional(checks.is_text), checks.BAD_TEXT),
        Field("birth_on", checks.is_date, checks.BAD_DATE),
        Field("sex", checks.one_of("H", "M", "X"), checks.BAD_SEX),
        Field("clues", checks.optional(checks.is_text), checks.BAD_TEXT),
        Field("room", checks.optional(checks.is_digits(1, 2, 3)), checks.BAD_NUMBER),
        Field("shift", checks.one_of("M", "V", "N", ""), checks.BAD_SHIFT),
        Field("email", checks.optional(checks.is_email), checks.BAD_EMAIL),
        Field("phone", checks.optional(checks.is_phone), checks.BAD_PHONE),
        Field("postal_code", checks.optional(checks.is_digits(5)), checks.BAD_POSTAL),
        Field("language", checks.one_of("es", "en", ""), checks.BAD_LANGUAGE),
    ),
    staging='id uuid, line bigint, curp text COLLATE "C", nss text COLLATE "C", given_names text, first_surname text,'
    " second_surname text, birth_on date, sex text, clues text, room integer, shift text, email text, phone text,"
    " postal_code text, language text",
    needs_ids=True,
    rules=(
        Rule("curp", TWICE, twice("curp")),
        Rule("nss", NSS_TWICE, twice("nss")),
        Rule(
            "nss",
            NSS_OTHER,
            "SELECT s.line, s.nss FROM staged s JOIN person p ON p.nss = s.nss WHERE p.curp <> s.curp",
        ),
        unit_known(),
        Rule("room", ROOM_ALONE, "SELECT line, room::text FROM staged WHERE room IS NOT NULL AND clues IS NULL"),
    ),
    table="person",
    merge="""
        INSERT INTO person AS p (id, curp, nss, given_names, first_surname, second_surname, birth_on, sex, unit_id,
            room, shift, email, phone, postal_code, language)
        SELECT s.id, s.curp, s.nss, s.given_names, s.first_surname, s.second_surname, s.birth_on, s.sex, u.id,
            s.room, s.shift, s.email, CASE WHEN s.phone NOT LIKE '+%' THEN '+52' || s.phone ELSE s.phone END,
            s.postal_code, coalesce(s.language, 'es')
        FROM staged s LEFT JOIN unit u ON u.clues = s.clues
        ON CONFLICT (curp) DO UPDATE SET nss = excluded.nss, given_names = excluded.given_names,
            first_surname = excluded.first_surname, second_surname = excluded.second_surname,
            birth_on = excluded.birth_on, sex = excluded.sex, unit_id = excluded.unit_id, room = excluded.room,
            shift = excluded.shift, email = excluded.email, phone = excluded.phone,
            postal_code = excluded.postal_code, language = excluded.language
        WHERE (p.nss, p.given_names, p.first_surname, p.second_surname, p.birth_on, p.sex, p.unit_id, p.room, p.shift,
            p.email, p.phone, p.postal_code, p.language) IS DISTINCT FROM (excluded.nss, excluded.given_names,
            excluded.first_surname, excluded.second_surname, excluded.birth_on, excluded.sex, excluded.unit_id,
            excluded.room, excluded.shift, excluded.email, excluded.phone, excluded.postal_code, excluded.language)
    """,
)
