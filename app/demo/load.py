"""Loads the demonstration once: units, schedules and slots, people, accounts, staff."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Seat
from app.appointments.service.default_schedules import open_default_schedules
from app.appointments.settings import booking_settings
from app.demo import places
from app.demo.history.calibration import catch_up_with_history
from app.demo.history.generator import write_history
from app.demo.people import CITIZENS, write_people
from app.demo.requests import load_requests, load_services
from app.identity.models import Account, StaffMember
from app.identity.service.staff import add_staff
from app.kernel import clock, db
from app.kernel.actor import Assurance, Role, System
from app.places.models import Unit
from app.registry.importers.pipeline import import_insured
from app.registry.models import Affiliation, Person

ACTOR = System("demo")
RELEASES: dict[str, dict[str, Any]] = {
    "dental": {"waves": [{"days": 14, "at": "07:00", "share": 50}, {"days": 2, "at": "18:00", "share": 50}]},
    "preventive": {
        "draw": {
            "opens": {"days": 7, "at": "08:00"},
            "closes": {"days": 5, "at": "20:00"},
            "public": {"days": 3, "at": "12:00"},
        }
    },
}
"""At the first unit the dentist's times are released in waves, and those of preventive medicine by draw."""
PASSWORD = "cactus-tren-violeta-lago"  # noqa: S105 # printed on purpose; never loaded in production
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
STAFF = (
    ("recepcion", "Recepción Demo", Role.RECEPTIONIST),
    ("oficial", "Oficialía Demo", Role.OFFICER),
    ("supervision", "Supervisión Demo", Role.SUPERVISOR),
    ("admin", "Administración Demo", Role.ADMIN),
    ("analista", "Análisis Demo", Role.ANALYST),
)
WHOLE = "admin"
"""Staff are created last: if this one exists, the demonstration is complete except for newer parts."""


@dataclass(slots=True)
class DemoReport:
    """What was loaded, and the demonstration accounts."""

    units: int = 0
    people: int = 0
    seats: int = 0
    accounts: list[str] = field(default_factory=list)


async def load_demo_once(url: str, *, people: int, history_days: int | None = None) -> list[str]:
    """Load the demonstration into an empty database; returns the accounts to show, none if the data is real.

    `history_days` as of `load_demo`.
    """
    db.configure(url, driver="psycopg")
    try:
        async with db.reading() as session:
            units = await session.scalar(select(func.count()).select_from(Unit))
            is_demo = await session.scalar(select(Unit.id).where(Unit.clues == places.clues_of(0)))
        if units and is_demo is None:
            return []
        if is_demo is not None and await _is_whole():
            # Existing people and units stay as they are; parts added in later releases are loaded.
            await _add_newer(history_days=history_days)
            return await _accounts()
        return (await load_demo(people=people, history_days=history_days)).accounts
    finally:
        await db.disconnect()


async def _is_whole() -> bool:
    async with db.reading() as session:
        return await session.scalar(select(StaffMember.id).where(StaffMember.username == WHOLE)) is not None


async def _add_newer(*, seed: int = 7, history_days: int | None = None) -> None:
    """Add staff and postal codes of newer releases, then a year of history if there is none."""
    async with db.transaction() as session:
        await places.write_postal_codes(session)
        await _staff(session)
    async with db.transaction() as session:
        written = await write_history(session, seed=seed, days=history_days)
    if history_days != 0:
        await catch_up_with_history(is_new=written > 0)


async def load_demo(*, people: int = 2_000, seed: int = 7, history_days: int | None = None) -> DemoReport:
    """Create what is missing of the demonstration. Idempotent; if interrupted, the next call continues.

    `history_days`: days of history until yesterday, 0 for none; by default a year and the current month.
    """
    async with db.transaction() as session:
        await _places(session)
    with tempfile.TemporaryDirectory(prefix="ventanilla-demo-") as folder:
        files = write_people(Path(folder), people, seed)
        for path in (files.people, files.periods, files.dependants):
            await import_insured(path, rejects=path.with_suffix(".rejects.csv"))
        first = _first_curps(files.people)
    async with db.transaction() as session:
        await _citizens(session, first)
        await load_services(session, places.ROOMS)
        await _staff(session)
    async with db.transaction() as session:
        await load_requests(session)
    await _add_newer(seed=seed, history_days=history_days)
    return await _report()


async def _places(session: AsyncSession) -> None:
    known = set((await session.scalars(select(Unit.clues))).all())
    for unit, furniture in places.units():
        if unit.clues in known:
            continue
        session.add(unit)
        await session.flush()
        session.add_all(furniture)
        await session.flush()
        releases = RELEASES if unit.clues == places.clues_of(0) else None
        horizon = booking_settings().horizon_days
        await open_default_schedules(session, ACTOR, unit.id, horizon_days=horizon, releases=releases)


def _first_curps(people: Path) -> list[str]:
    with people.open(encoding="utf-8") as file:
        file.readline()
        return [file.readline().split(",")[0] for _ in CITIZENS]


async def _citizens(session: AsyncSession, curps: list[str]) -> None:
    for number, curp in enumerate(curps, start=1):
        person = await session.scalar(select(Person).where(Person.curp == curp))
        if person is not None and await session.get(Account, person.id) is None:
            address = f"demo{number}@ejemplo.mx"
            # The account's contact is also the registered one, which gives the full level of assurance.
            person.email = address
            account = Account(person_id=person.id, curp=curp, email=address, created_at=clock.now(), language="es")
            account.assurance = Assurance.FULL.value
            session.add(account)


async def _staff(session: AsyncSession) -> None:
    for username, full_name, role in STAFF:
        if await session.scalar(select(StaffMember.id).where(StaffMember.username == username)) is None:
            await add_staff(
                session,
                ACTOR,
                username=username,
                full_name=full_name,
                password=PASSWORD,
                role=role,
                unit_ids=None,
                totp_secret=TOTP_SECRET,
                is_demo=True,
            )


async def _report() -> DemoReport:
    async with db.reading() as session:
        counted = [await session.scalar(select(func.count()).select_from(table)) for table in (Unit, Person)]
        seats = await session.scalar(select(func.count()).select_from(Seat).where(Seat.state == "free"))
    return DemoReport(counted[0] or 0, counted[1] or 0, seats or 0, await _accounts())


async def _accounts() -> list[str]:
    """Return the lines that `up` prints: the demonstration accounts."""
    async with db.reading() as session:
        chosen = (
            select(Person)
            .join(Account, Account.person_id == Person.id)
            .where(Account.email.like("demo%@ejemplo.mx"))
            .order_by(Account.email)
        )
        citizens = (await session.scalars(chosen)).all()
        new = await session.scalar(
            select(Person)
            .join(Affiliation, Affiliation.person_id == Person.id)
            .where(Affiliation.ends_on.is_(None), Person.id.not_in(select(Account.person_id)))
            .order_by(Person.curp)
            .limit(1)
        )
    lines = [f"Citizen      CURP {person.curp}  {person.full_name}  (full level)" for person in citizens]
    if new is not None:
        lines.append(f"First time   CURP {new.curp}  NSS {new.nss}  postal code {new.postal_code}  (low level)")
    lines.append("             codes arrive at /desarrollo/correo")
    lines += [
        f"Staff        {username}  password {PASSWORD}  authenticator {TOTP_SECRET}" for username, _n, _r in STAFF
    ]
    return lines
