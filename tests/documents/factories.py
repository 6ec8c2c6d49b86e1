"""Documents as tests need them: a file that arrived, received and added in one call."""

from collections.abc import Collection
from io import BytesIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.documents import service
from app.documents.models import Document
from app.documents.service import Upload
from app.kernel import ids
from tests.documents.samples import picture

JPEG = picture("JPEG")
ANY = ("jpeg", "png", "webp", "pdf")


def upload(data: bytes, name: str = "foto.jpg", kind: str = "proof") -> Upload:
    """A file as it arrives."""
    return Upload(kind, name, BytesIO(data))


async def keep(
    session: AsyncSession,
    data: bytes = JPEG,
    *,
    name: str = "foto.jpg",
    person_id: UUID | None = None,
    subject_id: UUID | None = None,
    formats: Collection[str] = ANY,
    max_mb: int = 5,
) -> Document:
    """A document of a person, stored with its row."""
    owner = person_id or ids.new_id()
    sent = upload(data, name)
    stored = await service.store_upload(owner, sent, formats=formats, max_mb=max_mb)
    return await service.add(session, owner, subject_id or ids.new_id(), stored)
