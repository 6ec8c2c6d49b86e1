"""Keys derived from the one secret, and sealing of what must be kept for a while but not readable in the database."""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken

from app.kernel.settings import get_settings


@lru_cache
def key_for(purpose: str) -> bytes:
    """A key for one purpose only: knowing it says nothing about the others (HMAC as a KDF, RFC 5869 in spirit)."""
    return hmac.new(get_settings().secret(), purpose.encode(), hashlib.sha256).digest()


@lru_cache
def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for(f"seal:{purpose}")))


def seal(purpose: str, text: str) -> bytes:
    """The text, encrypted and signed for this purpose."""
    return _fernet(purpose).encrypt(text.encode())


def unseal(purpose: str, sealed: bytes) -> str:
    """The text sealed for this purpose.

    Raises:
        ValueError: it was sealed with another key, or changed.
    """
    try:
        return _fernet(purpose).decrypt(sealed).decode()
    except InvalidToken as error:
        raise ValueError("sealed with another key, or changed") from error


def mark(purpose: str, text: str) -> bytes:
    """A keyed digest: for short codes, which a plain hash would not protect."""
    return hmac.new(key_for(f"mark:{purpose}"), text.encode(), hashlib.sha256).digest()
