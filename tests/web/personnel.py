"""Members of staff with an account."""

from uuid import UUID

from app.identity.service.staff import add_staff
from app.kernel.actor import Role, System
from tests.conftest import Database

PASSWORD = "una frase bastante larga"


async def hire(db: Database, username: str, role: Role, units: list[UUID] | None = None) -> UUID:
    async with db.transaction() as session:
        made = await add_staff(
            session,
            System("test"),
            username=username,
            full_name=f"{username.title()} Prueba",
            password=PASSWORD,
            role=role,
            unit_ids=units,
        )
    return made.staff_id
