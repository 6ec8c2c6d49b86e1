"""Many people with an appointment in three days, whose reminder is due now."""

from datetime import UTC, datetime

from sqlalchemy import text

from app.kernel import ids
from app.places.models import Unit
from tests.appointments import factories
from tests.conftest import Database

_APPOINTMENT = text(
    "INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat, minutes, channel,"
    " booked_by_kind, created_at, changed_at) VALUES (:unit, gen_random_uuid(), :folio, :person, 'family-medicine', 1,"
    " date_trunc('minute', now()) + interval '3 days' - interval '5 minutes', current_date + 3, :seat, 15, 'web',"
    " 'staff', now() - interval '9 days', now() - interval '9 days')"
)
_ACCOUNT = text(
    "INSERT INTO account (person_id, curp, email, phone, language, created_at, assurance) VALUES (:person, :curp,"
    " :email, :phone, 'es', now(), 'full')"
)


def phone_of(number: int) -> str:
    return f"+5255{number:08d}"


async def add_crowd(db: Database, count: int, *, first: int = 0, by: str = "email") -> Unit:
    """A unit where it is noon, and this many people; their telephones are `phone_of` their numbers. `by`: the contact
    they are reminded by."""
    async with db.transaction() as session:
        unit = await factories.unit(session, timezone=f"Etc/GMT{datetime.now(UTC).hour - 12:+d}")
        for number in range(first, first + count):
            person = await factories.person(session, unit)
            folio = ids.new_folio("C")
            seat = {"unit": unit.id, "person": person.id, "folio": folio, "seat": number}
            email = f"{folio}@ejemplo.mx" if by == "email" else None
            account = {"person": person.id, "curp": person.curp, "email": email, "phone": phone_of(number)}
            await session.execute(_APPOINTMENT, seat)
            await session.execute(_ACCOUNT, account)
    return unit
