"""Staff who sign in, made as they are made in use."""

from datetime import timedelta
from uuid import UUID

import httpx
import pyotp

from app.identity.service.staff import add_staff
from app.kernel import clock
from app.kernel.actor import Role, System
from tests.conftest import Database

PASSWORD = "una frase bastante larga"


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def hire(
    db: Database, *, role: Role = Role.RECEPTIONIST, units: list[UUID] | None = None, username: str = "rosa"
) -> None:
    async with db.transaction() as session:
        await add_staff(
            session,
            System("test"),
            username=username,
            full_name="Rosa Díaz",
            password=PASSWORD,
            role=role,
            unit_ids=units,
            totp_secret=SECRET,
        )


def code(ahead: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(clock.now() + timedelta(seconds=ahead))


async def enter(
    client: httpx.AsyncClient, *, username: str = "rosa", password: str = PASSWORD, otp: str | None = None
) -> httpx.Response:
    body = {"username": username, "password": password, "code": code() if otp is None else otp}
    return await client.post("/api/v1/staff/sign-in", json=body)
