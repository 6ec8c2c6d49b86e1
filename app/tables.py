"""Every room's tables, imported so that Alembic and the tests see all of them."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from app.kernel import clock_watch, consumers, facts, idempotency, installation, positions, rate_limits
from app.kernel.db import Base

KERNEL = (clock_watch, consumers, facts, idempotency, rate_limits, positions, installation)


def _rooms_with_tables() -> list[str]:
    rooms = sorted(path.name for path in Path(__file__).parent.iterdir() if (path / "__init__.py").exists())
    return [name for room in rooms if find_spec(name := f"app.{room}.models")]


for module in _rooms_with_tables():
    import_module(module)

metadata = Base.metadata
