"""A nation's year in the sums of the measurement, written straight as cells: 100 million transactions, whatever they
were.

Every period_type, level and segment adds up to the same. Transactions are the product of small numbers derived from
service, place and period, so that nothing repeats and no figure is the same as its neighbour's.
"""

from datetime import date, timedelta

from app.appointments.labels import SERVICES
from app.catalog.loader import load_services
from app.savings.measures import MEASURES
from bench import dataset
from bench.harness import execute

TRANSACTIONS = 100_000_000
YEAR = 2025
UNITS = 1_500
CHANNELS = ("web", "api", "desk")
SEGMENTS = {
    "device": ("phone", "computer", "program"),
    "age": ("0-17", "18-29", "30-44", "45-59", "60+"),
    "sex": ("H", "M"),
    "rurality": ("urban", "rural", "unknown"),
    "language": ("es", "en"),
}
NEW_YEAR = date(YEAR, 1, 1)
# The first period with a day of the year, how long periods are, and how many there are.
PERIOD_TYPES = {
    "D": (NEW_YEAR, "1 day", 365),
    "W": (NEW_YEAR - timedelta(days=NEW_YEAR.weekday()), "1 week", 53),
    "M": (NEW_YEAR, "1 month", 12),
}
ANALYST = "00000000-0000-7000-b000-00000000a000"
# What one transaction in a cell gives, on average, a tenth where nothing is said; whole numbers are rounded by cell.
SHARES = {
    "transactions": 1.0,
    "started": 1.0,
    "completed": 0.88,
    "counted": 0.61,
    "repeats": 0.09,
    "followed_by_visit": 0.02,
    "refused": 0.03,
    "abandoned": 0.09,
    "by_rules": 0.5,
    "late": 0.01,
    "observed": 0.7,
    "online": 0.9,
    "seconds": 180.0,
    "seconds_sq": 50_000.0,
    "visits": 0.03,
    "located": 0.4,
    "metres": 2_400.0,
    "decided": 0.6,
    "decide_hours": 20.0,
    "decide_hours_sq": 900.0,
    "asked": 0.1,
    "would_have_visited": 0.06,
    "rated": 0.1,
    "rating": 0.42,
    "rating_sq": 1.8,
    "attended": 0.3,
    "missed": 0.05,
    "people": 0.8,
}


def services() -> list[str]:
    """Every service there is: requests, appointments and their changes."""
    return [*load_services(), *SERVICES, "appointment-move", "appointment-cancel"]


def units(url: str) -> None:
    """Units, spread over the states."""
    unit = dataset.sql_uuid("00000000-0000-7000-e000-", "n")
    execute(
        url,
        "INSERT INTO unit (id, clues, name, kind, institution, state_code, state, municipality, timezone, is_operating,"
        f" imported_at) SELECT {unit}, 'ZZIMS' || lpad(n::text, 6, '0'), 'UMF ' || n, 'umf', 'IMSS', r.state, r.state,"
        f" 'M', 'America/Mexico_City', true, now() FROM generate_series(0, {UNITS - 1}) n"
        " JOIN (SELECT state, row_number() OVER (ORDER BY state) - 1 AS i FROM saving_region) r ON r.i = n % 32",
        "INSERT INTO staff (id, username, full_name, role, password_hash, totp_secret_encrypted, all_units, is_active,"
        f" created_at) VALUES ('{ANALYST}', 'analyst', 'Rosa Díaz', 'analyst', '-', '', true, true, now())",
    )


def parameters(url: str) -> None:
    """Version 2: waits and attention measured in every region and state, for every service, as desks would have it."""
    columns = "key, scope, place, distribution, low, value, high, unit, price_year, source, confidence, sample"
    measured = ", ".join(
        f"('{key}', {mean}, {error})" for key, mean, error in (("wait_minutes", 50, 2), ("service_minutes", 11, 0.5))
    )
    execute(
        url,
        "INSERT INTO baseline (version, note, created_at, published_at) VALUES (2, 'measured', now(), now())",
        f"INSERT INTO parameter (version, {columns}) SELECT 2, {columns} FROM parameter WHERE version = 1",
        f"INSERT INTO parameter (version, {columns}) SELECT 2, m.key, s, p.place, 'normal', NULL,"
        " m.mean + abs(hashtext(p.place || s)) % 30, m.error, 'min', NULL, 'desk tickets', 'measured', 400"
        f" FROM (VALUES {measured}) m (key, mean, error), unnest(ARRAY{services()}) s,"
        " (SELECT DISTINCT region FROM saving_region UNION SELECT state FROM saving_region) p (place)",
    )


def cells(url: str) -> None:
    """The year's cells of every period_type, level and segment."""
    regions, states = "SELECT DISTINCT region FROM saving_region", "SELECT state FROM saving_region"
    for geography, places, count in (("R", regions, 8), ("S", states, 32)):
        for period_type in PERIOD_TYPES:
            execute(url, _cells(period_type, geography, "", places, ("",), count))
        for segment, values in SEGMENTS.items():
            execute(url, _cells("M", geography, segment, places, values, count))
    execute(url, _cells("M", "U", "", "SELECT id::text FROM unit", ("",), UNITS), "VACUUM ANALYZE saving_cell")


def _cells(period_type: str, geography: str, segment: str, places: str, values: tuple[str, ...], count: int) -> str:
    first, step, periods = PERIOD_TYPES[period_type]
    named = services()
    each = TRANSACTIONS / (periods * count * len(named) * len(CHANNELS) * len(values))
    # Between half and one and a half of the mean, by place, service and period.
    size = f"{each} * (0.5 + (abs(hashtext(p.place || s || d::text || c || v)) % 1000) / 999.0)"
    columns = ", ".join(f"round(n * {SHARES.get(name, 0.1)})::bigint" for name in MEASURES)
    return (
        f"INSERT INTO saving_cell (period_type, geography, segment, period, place, service, channel, segment_value,"
        f" {', '.join(MEASURES)})"
        f" SELECT '{period_type}', '{geography}', '{segment}', d, place, s, c, v, {columns} FROM ("
        f" SELECT d::date AS d, p.place, s, c, v, {size} AS n FROM"
        f" generate_series(DATE '{first}', DATE '{YEAR}-12-31', interval '{step}') d, ({places}) p (place),"
        f" unnest(ARRAY{named}) s, unnest(ARRAY{list(CHANNELS)}) c, unnest(ARRAY{list(values)}) v) x"
    )
