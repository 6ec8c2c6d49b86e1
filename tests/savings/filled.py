"""Sums as a year of a portal would leave them, written straight into their tables: the export reads nothing else, and
no test has the time to make a year of requests and appointments through their use cases."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.measures import MEASURES, TICKET_MEASURES

STATES = ("DF", "JC", "NL", "")
SERVICES = ("weeks", "pension", "family-medicine")
SEGMENTS = {"sex": ("F", "M"), "device": ("phone", "desktop")}

# A number of people that is the same on every run and differs from cell to cell.
_PEOPLE = "(:least + abs(hashtext(concat_ws('|', p.period, s.place, v.service, c.channel))) % :spread)"
_OF_PEOPLE = {
    "transactions": "n + 1",
    "started": "n + 1",
    "completed": "n",
    "counted": "n",
    "online": "n",
    "observed": "n",
    "located": "n",
    "metres": "n * 4200",
    "seconds": "n * 310",
    "seconds_sq": "n * 310 * 330",
    "asked": "n / 2",
    "would_have_visited": "n / 3",
    "rated": "n / 2",
    "rating": "2 * n",
    "people": "n",
}
_OF_TICKETS = {
    "tickets": "n",
    "walk_ins": "n / 2",
    "waited": "n",
    "wait_seconds": "n * 1800",
    "wait_seconds_sq": "n * 1800 * 1900",
    "attended": "n",
    "service_seconds": "n * 600",
    "service_seconds_sq": "n * 600 * 610",
}


def _columns(names: Sequence[str], given: dict[str, str]) -> str:
    return ", ".join(given.get(name, "0") for name in names)


async def fill(session: AsyncSession, *, months: int = 3, least: int = 40, spread: int = 60, days: int = 1) -> None:
    """Cells of every month, state, service and channel, with their days and two qualities, that add up; tickets and
    reasons beside them. Each has from `least` people on."""
    given = {"months": months, "least": least, "spread": spread, "states": list(STATES), "services": list(SERVICES)}
    grid = (
        "FROM (SELECT (DATE '2026-01-01' + make_interval(months => k))::date AS period"
        " FROM generate_series(0, :months - 1) k) p, unnest(CAST(:states AS text[])) s (place),"
        " unnest(CAST(:services AS text[])) v (service)"
    )
    with_channel = f"{grid}, (VALUES ('web'), ('api')) c (channel)"
    sums = _columns(list(MEASURES), _OF_PEOPLE)
    for period_type, segment, period, value, extra in [
        ("M", "", "period", "''", ""),
        *(("D", "", f"(period + {day})", "''", f"WHERE n % {days} = {day}" if days > 1 else "") for day in range(days)),
        *(
            ("M", segment, "period", f"(ARRAY['{values[0]}', '{values[1]}'])[1 + n % 2]", "")
            for segment, values in SEGMENTS.items()
        ),
    ]:
        await session.execute(
            text(
                f"INSERT INTO saving_cell SELECT '{period_type}', 'S', '{segment}', {period}, place, service,"
                f" channel, {value},"
                f" {sums} FROM (SELECT p.period, s.place, v.service, c.channel, {_PEOPLE}::bigint AS n"
                f" {with_channel}) x {extra}"
            ),
            given,
        )
    added = ", ".join(f"sum({name})" for name in MEASURES)
    await session.execute(
        text(
            "INSERT INTO saving_cell SELECT period_type, 'R', segment, period, coalesce(region, ''), service,"
            " channel, segment_value,"
            f" {added} FROM saving_cell LEFT JOIN saving_region ON state = place WHERE geography = 'S'"
            " GROUP BY period_type, segment, period, 5, service, channel, segment_value"
        )
    )
    desk = f"(SELECT {_PEOPLE}::bigint FROM (SELECT 'desk' AS channel) c)"
    one = f"SELECT p.period, s.place, v.service, {desk} AS n {grid}"
    tickets = _columns(list(TICKET_MEASURES), _OF_TICKETS)
    await session.execute(
        text(f"INSERT INTO saving_ticket_cell SELECT 'S', period, place, service, 0, -1, {tickets} FROM ({one}) x"),
        given,
    )
    await session.execute(
        text(f"INSERT INTO saving_reason_cell SELECT period, place, service, 'no-weeks', n FROM ({one}) x"), given
    )
