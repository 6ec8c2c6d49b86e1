"""A production server, and who administers the demonstration."""

from app.identity.service.staff import add_staff
from app.kernel.actor import Role, System
from app.kernel.db import transaction
from tests.conftest import Database


def production(db: Database) -> dict[str, str]:
    return {
        "VENTANILLA_ENVIRONMENT": "production",
        "VENTANILLA_DATABASE_URL": db.url.render_as_string(hide_password=False),
        "VENTANILLA_PUBLIC_URL": "https://citas.example.mx",
        "VENTANILLA_SECRET_KEY": "only-for-tests-" + "x" * 32,
    }


async def demo_admin() -> None:
    async with transaction() as session:
        await add_staff(
            session,
            System("demo"),
            username="admin",
            full_name="Demo",
            password="demostracion-2026",
            role=Role.ADMIN,
            unit_ids=None,
            is_demo=True,
        )
