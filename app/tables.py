"""Imports every package's tables for Alembic and the tests."""

from importlib import import_module
from pathlib import Path

from app.kernel import clock_monitor, consumers, events, idempotency, installation, positions, rate_limits
from app.kernel.db import Base

KERNEL = (clock_monitor, consumers, events, idempotency, rate_limits, positions, installation)


def _rooms_with_tables() -> list[str]:
    # By file: looking up the module would import its package, and some import many others.
    here = Path(__file__).parent
    found = sorted([*here.glob("*/*models.py"), *here.glob("*/models")])
    return [f"app.{path.parent.name}.{path.stem}" for path in found]


for module in _rooms_with_tables():
    import_module(module)

metadata = Base.metadata
