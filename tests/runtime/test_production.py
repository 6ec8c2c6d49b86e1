"""What production refuses to start with, said in a sentence by the processes themselves."""

import os
import sys

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.db import transaction
from app.kernel.settings import forget_settings
from app.main import create_app, lifespan
from tests import forked
from tests.conftest import Database
from tests.runtime.factories import demo_admin, production


async def test_production_does_not_start_with_active_demonstration_staff(db: Database) -> None:
    await demo_admin()
    environment = os.environ | production(db)
    for command in ("serve", "worker"):
        done = forked.run([sys.executable, "-m", "app.cli", command], environment)
        said = " ".join(done.stderr.split())
        assert done.returncode == 1
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
