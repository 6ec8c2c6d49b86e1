"""Every room's tables, imported so that Alembic and the tests see all of them."""

from app.kernel import facts, follow, idempotency, limits
from app.kernel.db import Base

MODULES = (facts, follow, idempotency, limits)
metadata = Base.metadata
