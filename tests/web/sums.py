"""Sums as the follower would have rolled them up, for pages that show them: a year of transactions, by number."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.places.rules import DEFAULT_ZONE
from app.savings.measures import MEASURES, TICKET_MEASURES
from app.savings.models import Cell, Release, ReleasedBlock, Ticket, TicketCell
from app.savings.rules.families import FAMILIES
from app.web.data.filters import last_year, months, year_before

REGIONS = {"OC": "suroeste", "DF": "centrosur"}
SEXES = {"M": 0.6, "H": 0.4}


def this_year() -> Sequence[date]:
    """The months pages show when nothing is chosen, the newest first."""
    return months(last_year(clock.today(DEFAULT_ZONE))[1], 12)


def the_year_before() -> Sequence[date]:
    return months(year_before(this_year()[-1])[1], 12)


async def transactions(
    session: AsyncSession,
    periods: Iterable[date],
    *,
    count: int = 100,
    services: Sequence[str] = ("weeks", "family-medicine"),
    states: Sequence[str] = ("OC", "DF"),
) -> None:
    """Insert transactions online a month, service and state, nine of ten completed; and by sex."""
    for period in periods:
        for service in services:
            for place in (*states, *(REGIONS[state] for state in states)):
                geography = "S" if place in REGIONS else "R"
                for segment, parts in (("", {"": 1.0}), ("sex", SEXES)):
                    for value, part in parts.items():
                        key = {
                            "period_type": "M",
                            "geography": geography,
                            "segment": segment,
                            "period": period,
                            "place": place,
                        }
                        session.add(
                            _cell(int(count * part), **key, service=service, channel="web", segment_value=value)
                        )


def _cell(count: int, **key: object) -> Cell:
    done = count * 9 // 10
    sums = dict.fromkeys(MEASURES, 0) | {
        "transactions": count,
        "started": count,
        "completed": done,
        "counted": done,
        "refused": count - done,
        "online": count,
        "observed": count,
        "seconds": count * 300,
        "seconds_sq": count * 100_000,
        "rated": done,
        "rating": done * 4,
        "rating_sq": done * 17,
        "people": count,
    }
    return Cell(**key, **sums)


async def tickets(session: AsyncSession, periods: Iterable[date], *, count: int = 50) -> None:
    """Insert people at the window a month, who waited half an hour on average."""
    sums = dict.fromkeys(TICKET_MEASURES, 0) | {"tickets": count, "waited": count, "wait_seconds": count * 1_800}
    sums["wait_seconds_sq"] = count * 4_000_000
    for period in periods:
        for geography, place in (("S", "OC"), ("R", "suroeste")):
            key = {
                "geography": geography,
                "period": period,
                "place": place,
                "service": "window",
                "weekday": 0,
                "hour": -1,
            }
            session.add(TicketCell(**key, **sums))


async def walk_ins(session: AsyncSession, periods: Iterable[date], *, count: int = 50) -> None:
    """As many people without an appointment a month as tickets of a desk tell, who waited half an hour."""
    unit_id = ids.new_id()
    for period in periods:
        at = datetime.combine(period, time(18), UTC)
        for number in range(count):
            served = at + timedelta(minutes=30, seconds=number)
            ticket = {"arrived_at": at, "called_at": served, "served_at": served, "left_at": served}
            place = {"unit_id": unit_id, "state": "OC", "region": "suroeste", "timezone": "America/Mexico_City"}
            session.add(Ticket(id=ids.new_id(), event_ids=[], service="weeks", walk_in=True, **place, **ticket))


async def released(
    session: AsyncSession, periods: Iterable[date], *, count: int = 100, services: Sequence[str] = ("weeks", "vigencia")
) -> None:
    """As much of savings, released to the public, as `transactions` of two states would be by region."""
    family = FAMILIES["savings"]
    done = count * 9 // 10
    sums = {"counted": done, "located": 0, "metres": 0, "seconds": count * 300, "online": count, "observed": count}
    amounts = [(sums | {"visits": 0})[name] for name in family.amounts]
    for period in periods:
        key = {"family": family.id, "period": period}
        session.add(Release(**key, is_suppressed=False, released_at=clock.now()))
        for service, (state, region) in product(services, REGIONS.items()):
            where = {
                "kind": "certificate",
                "service": service,
                "region": region,
                "state": state,
                "unit": "",
                "dimension_value": "",
            }
            session.add(
                ReleasedBlock(**key, dimension="place", **where, measures=list(family.amounts), amounts=amounts)
            )
