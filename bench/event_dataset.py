"""A log to roll up: requests of six events each, a day's after the other, as they are recorded."""

from bench import dataset
from bench.harness import execute

KINDS = (
    "request.started",
    "request.saved",
    "request.saved",
    "request.submitted",
    "request.decided",
    "request.feedback-given",
)
SERVICES = ("weeks", "vigencia", "pension", "complaint", "clinic-change")
UNITS = 200
# UUIDv7 of the event's time, distinguished by the request and its step.
_ID = (
    "CAST(lpad(to_hex(CAST(extract(epoch FROM a) * 1000 AS bigint)), 12, '0') || '7' || substr(md5(e::text || k), 1, 3)"
    " || '8' || substr(md5(k::text || e), 1, 15) AS uuid)"
)
# What is kept by day, and by month with each quality an event tells: the aggregate of a program with no transactions.
BARE = (
    "SELECT date_trunc('day', at), date_trunc('month', at), unit_id, service, channel, device, count(*), sum(seconds),"
    " count(*) FILTER (WHERE type = 'request.started'), count(*) FILTER (WHERE type = 'request.submitted'),"
    " count(*) FILTER (WHERE type = 'request.decided' AND payload->>'outcome' = 'approved'),"
    " count(*) FILTER (WHERE type = 'request.decided' AND payload->>'outcome' <> 'approved'),"
    " sum(CAST(payload->>'satisfaction' AS int)), count(DISTINCT person_id) FROM event"
    " GROUP BY GROUPING SETS ((1, 4, 5), (1, 3, 4, 5), (2, 4, 5), (2, 4, 5, 6), (2, 3, 4, 5), (2, 3, 4, 5, 6))"
)


def people(url: str, count: int) -> None:
    """Units in five states, postal codes with a place, and people of every age."""
    unit = dataset.sql_uuid(dataset.UNIT, "n")
    execute(
        url,
        "INSERT INTO unit (id, clues, name, kind, institution, state_code, state, municipality, timezone, is_operating,"
        f" imported_at, latitude, longitude) SELECT {unit}, 'ZZIMS' || lpad(n::text, 6, '0'), 'U', 'umf', 'IMSS',"
        " (ARRAY['DF', 'MC', 'JC', 'NL', 'YN'])[n % 5 + 1], 'X', 'Y', 'America/Mexico_City', true, now(), 19 + n % 5,"
        f" -99 - n % 5 FROM generate_series(0, {UNITS - 1}) n",
        "INSERT INTO postal_code (code, latitude, longitude, is_rural) SELECT (n + 10000)::text, 19.1 + n % 5,"
        " -99.1 - n % 5, n % 4 = 0 FROM generate_series(0, 99) n",
        "INSERT INTO person (id, curp, given_names, first_surname, birth_on, sex, postal_code)"
        f" SELECT {dataset.sql_uuid(dataset.PERSON, 'n')}, lpad(n::text, 18, 'X'), 'A', 'B',"
        " DATE '1950-01-01' + n % 25000,"
        f" (ARRAY['H', 'M'])[n % 2 + 1], (10000 + n % 100)::text FROM generate_series(0, {count - 1}) n",
    )


def log(url: str, requests: int, persons: int) -> None:
    """The events, in the order they happened."""
    subject = dataset.sql_uuid("00000000-0000-7000-f000-", "e")
    execute(
        url,
        "INSERT INTO event (id, at, type, subject_id, person_id, unit_id, actor_kind, channel, device, service,"
        f" service_version, seconds, payload) SELECT {_ID}, a, (ARRAY{list(KINDS)})[k + 1], {subject},"
        f" {dataset.sql_uuid(dataset.PERSON, f'e % {persons}')}, {dataset.sql_uuid(dataset.UNIT, f'e % {UNITS}')},"
        " CASE k WHEN 4 THEN 'system' ELSE 'citizen' END, (ARRAY['web', 'api'])[e % 2 + 1],"
        f" (ARRAY['phone', 'computer'])[e % 2 + 1], (ARRAY{list(SERVICES)})[e % {len(SERVICES)} + 1], 1, 20 + e % 60,"
        " jsonb_build_object('folio', 'Q', 'outcome', CASE WHEN e % 10 = 0 THEN 'refused' ELSE 'approved' END,"
        " 'reasons', jsonb_build_array('a'), 'straight_through', true, 'would_have_visited', e % 3 = 0, 'satisfaction',"
        f" e % 5 + 1) FROM (SELECT e, k, TIMESTAMPTZ '2026-01-01' + e * interval '{300 * 86_400 / requests} seconds'"
        f" + k * interval '1 minute' AS a FROM generate_series(0, {requests - 1}) e, generate_series(0, 5) k) x"
        " ORDER BY a",
        "VACUUM ANALYZE",
    )
