"""Forms submitted after the session had expired, stored until the user signs in again; and responses to forms of staff,
stored for the browser's Back button."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import FORM_PURPOSE, StoredForm
from app.kernel import clock
from app.kernel.crypto import decrypt, encrypt, hmac_digest, hmac_digests, verify_hmac_digest
from app.kernel.ids import new_secret

LIFE = timedelta(hours=1)
MAX_BYTES, MAX_FORMS = 131_072, 10
MAX_RESPONSES = 30
DIGEST = 32
NUMBER_BYTES = 12


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form as it was sent: where to, with the query of that address, and each field's values."""

    path: str
    fields: Mapping[str, list[str]]


def owner_tag(owner: str) -> str:
    """Return an opaque, unforgeable tag of the user to whom a page was shown."""
    tag = hmac_digest("form owner", owner)[:DIGEST]
    return tag.hex() + hmac_digest("form owner tag", tag.hex())[:DIGEST].hex()


def read_tag(text: str) -> bytes | None:
    """The owner that a tag names; None when we didn't make it."""
    tag, signature = text[: DIGEST * 2], text[DIGEST * 2 :]
    try:
        owner, signed = bytes.fromhex(tag), bytes.fromhex(signature)
    except ValueError:
        return None
    return owner if verify_hmac_digest("form owner tag", tag, signed, length=DIGEST) else None


def _owners(owner: str) -> list[bytes]:
    """The owner's keyed digests: a form stored before the secret key was replaced is still theirs."""
    return [made[:DIGEST] for made in hmac_digests("form owner", owner)]


async def store_form(session: AsyncSession, owner: bytes, page: str, typed: SubmittedForm) -> bool:
    """Store a form for an hour, in place of an earlier one of that page; False when it is too large."""
    return await _store(session, owner, page, typed, is_response=False)


async def _store(session: AsyncSession, owner: bytes, page: str, typed: SubmittedForm, *, is_response: bool) -> bool:
    text = json.dumps([typed.path, dict(typed.fields)], ensure_ascii=False)
    if len(text.encode()) > MAX_BYTES:
        return False
    values = {
        "path": _without_query(typed.path),
        "ciphertext": encrypt(FORM_PURPOSE, text),
        "expires_at": clock.now() + LIFE,
    }
    added = insert(StoredForm).values(owner=owner, page=page, is_response=is_response, **values)
    await session.execute(added.on_conflict_do_update(index_elements=["owner", "page"], set_=values))
    kind = StoredForm.is_response.is_(is_response)
    newest = select(StoredForm.page).where(StoredForm.owner == owner, kind).order_by(StoredForm.expires_at.desc())
    older = newest.offset(MAX_RESPONSES if is_response else MAX_FORMS)
    await session.execute(delete(StoredForm).where(StoredForm.owner == owner, StoredForm.page.in_(older)))
    return True


async def store_response(session: AsyncSession, owner: str, page: str, fields: Mapping[str, list[str]]) -> str:
    """Store a page that answered a form of another (`page`); returns its number, empty when it is too large."""
    number = new_secret(NUMBER_BYTES)
    response = SubmittedForm(_without_query(page), fields)
    return number if await _store(session, _owners(owner)[0], number, response, is_response=True) else ""


async def delete_responses(session: AsyncSession, owner: str, page: str) -> None:
    """Delete the stored responses of a page after a form took effect: they show outdated state."""
    theirs = (
        StoredForm.owner.in_(_owners(owner)),
        StoredForm.is_response,
        StoredForm.path == _without_query(page),
    )
    await session.execute(delete(StoredForm).where(*theirs))


def _without_query(page: str) -> str:
    """A page without its query: a request's is the same page, whatever list it was opened from."""
    return page.partition("?")[0]


async def find_form(session: AsyncSession, owner: str, page: str) -> SubmittedForm | None:
    """What this person typed into this page, if it is still stored."""
    found = await session.scalar(
        select(StoredForm.ciphertext)
        .where(StoredForm.owner.in_(_owners(owner)), StoredForm.page == page, StoredForm.expires_at > clock.now())
        .order_by(StoredForm.expires_at.desc())
        .limit(1)
    )
    if found is None:
        return None
    try:
        path, fields = json.loads(decrypt(FORM_PURPOSE, found))
    except ValueError:  # encrypted with a key that was removed
        return None
    return SubmittedForm(path, fields)


async def delete_form(session: AsyncSession, owner: str, page: str) -> None:
    """Delete the stored form of a page after it was submitted."""
    await session.execute(delete(StoredForm).where(StoredForm.owner.in_(_owners(owner)), StoredForm.page == page))


async def delete_forms_of(session: AsyncSession, owner: str) -> None:
    """Delete everything stored for an owner who signs out."""
    await session.execute(delete(StoredForm).where(StoredForm.owner.in_(_owners(owner))))


async def delete_expired_forms(session: AsyncSession, now: datetime) -> None:
    """Delete expired forms."""
    await session.execute(delete(StoredForm).where(StoredForm.expires_at < now))
