"""People with Spanish names and the requests they made over two years, written in bulk as the portal writes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from stdnum import luhn

from app.catalog.loader import get_service
from app.demo.people import MEN, STATES, SURNAMES, WOMEN, curps_of
from app.kernel import ids
from app.requests.events import RequestSubmitted
from app.requests.queries.search import vector
from bench import dataset, officers
from bench.harness import execute, rows

PEOPLE = 300_000
OPEN_SHARE = 0.08
# María and José are met far more often than the other given names. The thirty surnames are met alike: each in every
# fifteenth person, as the most frequent are in the country.
FREQUENT = 0.25
TWO_NAMES = 0.3
STRIDE = 7_919  # coprime to the number of people: neighbours in time are different people
YEARS = timedelta(days=730)
DROPPED = "ix_request_search"


def add_people(url: str, seed: int = 5) -> None:
    """The units, and people who work; the n-th is assigned to the n-th unit of the office."""
    dataset.add_units(url)
    execute(url, "CREATE UNLOGGED TABLE bench_name (n integer PRIMARY KEY, words tsvector NOT NULL)")
    columns = "id, curp, nss, given_names, first_surname, second_surname, birth_on, sex, unit_id, room, shift"
    people = list(_drawn(np.random.default_rng(seed)))
    _copy(url, f"COPY person ({columns}) FROM STDIN", people)
    _copy(url, "COPY bench_name FROM STDIN", ((n, _words(row)) for n, row in enumerate(people)))
    execute(
        url,
        "INSERT INTO affiliation (person_id, starts_on, employer) SELECT id, date '2020-01-01', 'Y6051234567'"
        " FROM person",
    )


def _drawn(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """People, no two with the same CURP."""
    count = PEOPLE * 21 // 20
    sex = rng.choice(np.array(["H", "M"]), count)
    one = np.where(sex == "H", _given(rng, ("José", *MEN), count), _given(rng, ("María", *WOMEN), count))
    two = np.where(sex == "H", rng.choice(np.array(MEN), count), rng.choice(np.array(WOMEN), count))
    given = np.where((rng.random(count) < TWO_NAMES) & (one != two), np.char.add(np.char.add(one, " "), two), one)
    first, second = rng.choice(np.array(SURNAMES), count), rng.choice(np.array(SURNAMES), count)
    birth = np.datetime64("1945-01-01") + rng.integers(0, 22_000, count)
    day = np.datetime_as_string(birth)
    curp = curps_of(one, first, second, birth, sex, rng.choice(STATES, count))
    _values, places = np.unique(curp, return_index=True)
    for n, place in enumerate(np.sort(places)[:PEOPLE].tolist()):
        head = f"{n:010d}"
        yield (
            *(dataset.person_id(n), curp[place], head + luhn.calc_check_digit(head), given[place], first[place]),
            *(second[place], day[place], sex[place], dataset.unit_id(n % officers.UNITS), n % dataset.ROOMS + 1, "M"),
        )


def _given(rng: np.random.Generator, names: tuple[str, ...], count: int) -> NDArray[np.str_]:
    """Given names, the first of the list far more often than the rest."""
    rest = (1 - FREQUENT) / (len(names) - 1)
    return rng.choice(np.array(names), count, p=[FREQUENT, *[rest] * (len(names) - 1)])


def _words(person: tuple[Any, ...]) -> str:
    """What the portal keeps for searching a request of this person, at their unit."""
    return vector(" ".join(person[3:6]), str(person[8]))


def _copy(url: str, statement: str, lines: Any) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for line in lines:
            copy.write_row(line)


def add_requests(url: str, count: int) -> None:
    """Insert requests by those people: the last submitted wait for an officer, the rest are decided."""
    unlogged = "CREATE UNLOGGED TABLE bench_folio (n integer PRIMARY KEY, folio text NOT NULL)"
    definition = rows(url, f"SELECT indexdef FROM pg_indexes WHERE indexname = '{DROPPED}'")[0][0]
    execute(url, unlogged, f"DROP INDEX {DROPPED}")
    _copy(url, "COPY bench_folio FROM STDIN", ((n, ids.new_folio("R")) for n in range(count)))
    service = get_service(officers.SERVICE)
    decided = count - int(count * OPEN_SHARE)
    person = dataset.sql_uuid(dataset.PERSON, "p.n")
    at = f"(now() - ({count} - f.n) * (interval '{YEARS.days} days' / {count}))"
    # Foreign keys are right by construction: checking a million of them would take longer than all the rest.
    quick = "SET session_replication_role = replica"
    _together(
        url,
        quick,
        "INSERT INTO request (person_id, id, folio, service, service_version, status, kind, outcome, applicant_id,"
        " acting_as, channel, unit_id, answers, duplicate_key, version, target_days, spent_days, running_since,"
        " due_on, reasons, result, decided_at, search, created_at, changed_at, submitted_at)"
        f" SELECT {person}, {dataset.sql_uuid(officers.REQUEST, 'f.n')}, f.folio, '{service.id}', {service.version},"
        " CASE WHEN is_open THEN 'review' WHEN outcome = 'approved' THEN 'answered' ELSE 'not-ours' END,"
        " CASE WHEN is_open THEN 'review' ELSE 'final' END,"
        f" CASE WHEN NOT is_open THEN outcome END, {person}, 'self', 'web',"
        f" {dataset.sql_uuid(dataset.UNIT, f'p.n % {officers.UNITS}')},"
        " jsonb_build_object('about', 'thanks', 'story', repeat('Gracias por la atención. ', 6)), 'thanks', 4,"
        f" {service.target.working_days}, CASE WHEN is_open THEN 0 ELSE 5 END,"
        f" CASE WHEN is_open THEN {at}::date END, {at}::date + 21,"
        " CASE WHEN is_open THEN '{}' ELSE ARRAY['answered'] END,"
        " CASE WHEN is_open THEN '{}' ELSE jsonb_build_object('template', 'resolution', 'text',"
        " repeat('Aquí está nuestra respuesta. ', 6)) END,"
        f" CASE WHEN NOT is_open THEN {at} + interval '7 days' END, p.words, {at}, {at}, {at}"
        f" FROM (SELECT n, folio, n >= {decided} AS is_open,"
        " CASE WHEN n % 5 = 0 THEN 'refused' ELSE 'approved' END AS outcome FROM bench_folio) f"
        f" JOIN bench_name p ON p.n = f.n::bigint * {STRIDE} % {PEOPLE} ORDER BY f.n",
        "INSERT INTO work_item (unit_id, request_id, person_id, folio, service, role, rank_on, due_on, submitted_at,"
        " language) SELECT unit_id, id, person_id, folio, service, 'officer', due_on, due_on, submitted_at, 'es'"
        " FROM request WHERE kind = 'review'",
        "INSERT INTO event (id, at, type, subject_id, person_id, unit_id, actor_kind, actor_id, channel, service,"
        f" service_version, payload) SELECT uuidv7(), submitted_at, '{RequestSubmitted.type}', id, person_id, unit_id,"
        " 'citizen', applicant_id, channel, service, service_version, jsonb_build_object('folio', folio) FROM request",
        "INSERT INTO name_word SELECT DISTINCT w FROM bench_name, unnest(tsvector_to_array(words)) w"
        " WHERE w NOT LIKE '@%' ON CONFLICT DO NOTHING",
        "SET maintenance_work_mem = '512MB'",
        definition,
        "DROP TABLE bench_folio",
    )


def _together(url: str, *statements: str) -> None:
    """Run statements on one connection."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@dataclass(frozen=True, slots=True)
class Known:
    """A person with a request, and what an officer may have at hand to find it. `number` is the person's."""

    number: int
    folio: str
    curp: str
    nss: str
    full_name: str


def sample(url: str, count: int, seed: int = 7) -> list[Known]:
    """People here and there, each with one of their requests."""
    numbers = Random(seed).sample(range(PEOPLE), count)
    people = ", ".join(f"'{dataset.person_id(n)}'" for n in numbers)
    found = rows(
        url,
        "SELECT DISTINCT ON (p.id) p.id, r.folio, p.curp, p.nss,"
        " concat_ws(' ', p.given_names, p.first_surname, p.second_surname)"
        f" FROM request r JOIN person p ON p.id = r.person_id WHERE p.id IN ({people}) ORDER BY p.id, r.id",
    )
    return [Known(int(row[0].hex[-12:], 16), *row[1:]) for row in found]
