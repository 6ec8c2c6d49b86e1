"""The service a request began with."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.catalog.models import ServiceVersion
from app.kernel.problems import NotFound

_older: dict[tuple[str, int], Service] = {}


async def service_version(db: AsyncSession | AsyncConnection, service_id: str, version: int) -> Service:
    """A service as it was in a version; today's comes from the files, older ones from what was published.

    Raises:
        NotFound: it was never published.
    """
    today = load_services().get(service_id)
    if today is not None and today.version == version:
        return today
    key = (service_id, version)
    if key not in _older:
        stored = select(ServiceVersion.definition).where(
            ServiceVersion.service == service_id, ServiceVersion.version == version
        )
        definition = (await db.execute(stored)).scalar_one_or_none()
        if definition is None:
            raise NotFound
        # A published version never changes, so keeping it for good is safe.
        _older[key] = Service.model_validate(definition)
    return _older[key]
