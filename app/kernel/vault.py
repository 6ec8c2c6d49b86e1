"""Keys derived from the portal's secret keys, and encryption of what must be stored for a while but not readable.

The newest secret key encrypts and signs. Those before it (`SECRET_KEY_FALLBACKS`) still decrypt and verify, so a key is
replaced without ending what the old one made; `key_rotation` encrypts it again.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.kernel.settings import get_settings


@lru_cache
def keys_for(purpose: str) -> tuple[bytes, ...]:
    """Keys for one purpose only, one of each secret key, the newest first: knowing one says nothing about the others
    (HMAC as a KDF, RFC 5869 in spirit)."""
    return tuple(hmac.new(secret, purpose.encode(), hashlib.sha256).digest() for secret in get_settings().secrets())


def key_for(purpose: str) -> bytes:
    """The key for one purpose that makes what is new."""
    return keys_for(purpose)[0]


@lru_cache
def _fernets(purpose: str) -> tuple[Fernet, ...]:
    return tuple(Fernet(base64.urlsafe_b64encode(key)) for key in keys_for(f"seal:{purpose}"))


def seal(purpose: str, text: str) -> bytes:
    """The text, encrypted and signed for this purpose."""
    return _fernets(purpose)[0].encrypt(text.encode())


def unseal(purpose: str, sealed: bytes) -> str:
    """The text sealed for this purpose, with any of the keys.

    Raises:
        ValueError: it was sealed with another key, or changed.
    """
    try:
        return MultiFernet(_fernets(purpose)).decrypt(sealed).decode()
    except InvalidToken as error:
        raise ValueError("sealed with another key, or changed") from error


def reseal(purpose: str, sealed: bytes) -> bytes | None:
    """The same text, encrypted with the newest key; None when it is already.

    Raises:
        ValueError: it was sealed with another key, or changed.
    """
    newest, *_older = _fernets(purpose)
    try:
        newest.decrypt(sealed)
    except InvalidToken:
        return seal(purpose, unseal(purpose, sealed))
    return None


def mark(purpose: str, text: str) -> bytes:
    """A keyed digest: for short codes, which a plain hash would not protect."""
    return marks(purpose, text)[0]


def marks(purpose: str, text: str) -> tuple[bytes, ...]:
    """The keyed digests of a text by each key, the newest first: for finding what an older one made."""
    keys = keys_for(f"mark:{purpose}")
    return tuple(hmac.new(key, text.encode(), hashlib.sha256).digest() for key in keys)


def is_mark(purpose: str, text: str, digest: bytes, *, length: int = 32) -> bool:
    """Whether this is the keyed digest of the text, or its first `length` bytes, by any of the keys."""
    return any(hmac.compare_digest(made[:length], digest) for made in marks(purpose, text))


def fingerprint() -> str:
    """Names the newest key, and tells nothing about it."""
    return key_for("fingerprint").hex()[:16]
