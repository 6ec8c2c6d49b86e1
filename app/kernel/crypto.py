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
def derive_keys(purpose: str) -> tuple[bytes, ...]:
    """Keys for one purpose only, one of each secret key, the newest first: knowing one says nothing about the others
    (HMAC as a KDF, RFC 5869 in spirit)."""
    return tuple(hmac.new(secret, purpose.encode(), hashlib.sha256).digest() for secret in get_settings().secrets())


def derive_key(purpose: str) -> bytes:
    """The key for one purpose that makes what is new."""
    return derive_keys(purpose)[0]


@lru_cache
def _fernets(purpose: str) -> tuple[Fernet, ...]:
    return tuple(Fernet(base64.urlsafe_b64encode(key)) for key in derive_keys(f"seal:{purpose}"))


def encrypt(purpose: str, text: str) -> bytes:
    """The text, encrypted and signed for this purpose."""
    return _fernets(purpose)[0].encrypt(text.encode())


def decrypt(purpose: str, sealed: bytes) -> str:
    """The text sealed for this purpose, with any of the keys.

    Raises:
        ValueError: it was sealed with another key, or changed.
    """
    try:
        return MultiFernet(_fernets(purpose)).decrypt(sealed).decode()
    except InvalidToken as error:
        raise ValueError("sealed with another key, or changed") from error


def reencrypt(purpose: str, sealed: bytes) -> bytes | None:
    """The same text, encrypted with the newest key; None when it is already.

    Raises:
        ValueError: it was sealed with another key, or changed.
    """
    newest, *_older = _fernets(purpose)
    try:
        newest.decrypt(sealed)
    except InvalidToken:
        return encrypt(purpose, decrypt(purpose, sealed))
    return None


def hmac_digest(purpose: str, text: str) -> bytes:
    """A keyed digest: for short codes, which a plain hash would not protect."""
    return hmac_digests(purpose, text)[0]


def hmac_digests(purpose: str, text: str) -> tuple[bytes, ...]:
    """The keyed digests of a text by each key, the newest first: for finding what an older one made."""
    keys = derive_keys(f"mark:{purpose}")
    return tuple(hmac.new(key, text.encode(), hashlib.sha256).digest() for key in keys)


def verify_hmac_digest(purpose: str, text: str, digest: bytes, *, length: int = 32) -> bool:
    """Whether this is the keyed digest of the text, or its first `length` bytes, by any of the keys."""
    return any(hmac.compare_digest(made[:length], digest) for made in hmac_digests(purpose, text))


def key_fingerprint() -> str:
    """Names the newest key, and tells nothing about it."""
    return derive_key("fingerprint").hex()[:16]
