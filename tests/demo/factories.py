"""Who there is before a demonstration's history is written."""

from app.demo.load import PASSWORD, STAFF, TOTP_SECRET
from app.identity.models import Account
from app.identity.service.staff import add_staff
from app.kernel import clock
from app.kernel.actor import System
from app.places.queries import DEMONSTRATION
from tests.appointments import factories
from tests.conftest import Database


async def people_of_two_units(db: Database, count: int) -> None:
    async with db.transaction() as session:
        units = [await factories.unit(session, name=f"UMF {number} {DEMONSTRATION}") for number in range(2)]
        for number in range(count):
            person = await factories.person(session, units[number % 2])
            contact = {"email": f"{number}@ejemplo.mx", "created_at": clock.now(), "language": "es"}
            session.add(Account(person_id=person.id, curp=person.curp, **contact))
        for username, full_name, role in STAFF:
            await add_staff(
                session,
                System("test"),
                username=username,
                full_name=full_name,
                password=PASSWORD,
                role=role,
                unit_ids=None,
                totp_secret=TOTP_SECRET,
                is_demo=True,
            )
