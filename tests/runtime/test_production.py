"""What production refuses to start with, said in a sentence by the processes themselves."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from app.identity.service.staff import add_staff
from app.kernel import db as kernel_db
from app.kernel.actor import Role, System
from app.kernel.db import transaction
from app.kernel.settings import forget_settings
from app.main import create_app, lifespan
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


async def test_production_does_not_start_with_active_demonstration_staff(db: Database) -> None:
    await demo_admin()
    environment = os.environ | production(db)
    processes = [
        subprocess.Popen([sys.executable, "-m", "app.cli", command], env=environment, stderr=subprocess.PIPE, text=True)
        for command in ("serve", "worker")
    ]
    for process in processes:
        try:
            _out, errors = process.communicate(timeout=180)
        finally:
            process.kill()  # had it started
        said = " ".join(errors.split())
        assert process.returncode == 1
        assert "active demonstration staff (admin)" in said
        assert "ventanilla staff deactivate --demo" in said
        assert "Traceback" not in said


async def test_neither_does_a_web_process_started_in_another_way(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await demo_admin()
    app = create_app()
    await kernel_db.disconnect()
    for name, value in production(db).items():
        monkeypatch.setenv(name, value)
    forget_settings()
    try:
        with pytest.raises(RuntimeError, match="demonstration staff"):
            async with lifespan(app):
                pass
        kernel_db.configure(production(db)["VENTANILLA_DATABASE_URL"])
        async with transaction() as session:
            await session.execute(text("UPDATE staff SET is_active = false"))
        await kernel_db.disconnect()
        async with lifespan(app):
            pass
    finally:
        monkeypatch.undo()
        forget_settings()
