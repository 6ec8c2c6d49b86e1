"""Key derivation, encryption at rest and keyed digests.

The newest secret key encrypts and signs. Earlier ones (`SECRET_KEY_FALLBACKS`) still decrypt and verify, so that a key
can be replaced without invalidating existing data; `key_rotation` re-encrypts it.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel.settings import get_settings


@lru_cache
def derive_keys(purpose: str) -> tuple[bytes, ...]:
    """Derive one key per secret key for a purpose, the newest first (HKDF, RFC 5869): one derived key reveals nothing
    about the others."""
    info = purpose.encode()
    return tuple(
        HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret) for secret in get_settings().secrets()
    )


def derive_key(purpose: str) -> bytes:
    """Derive the newest key for a purpose."""
    return derive_keys(purpose)[0]


@lru_cache
def _fernets(purpose: str) -> tuple[Fernet, ...]:
    return tuple(Fernet(base64.urlsafe_b64encode(key)) for key in derive_keys(f"encrypt:{purpose}"))


def encrypt(purpose: str, text: str) -> bytes:
    """Encrypt and authenticate a text for a purpose."""
    return _fernets(purpose)[0].encrypt(text.encode())


def decrypt(purpose: str, ciphertext: bytes) -> str:
    """Decrypt a text that was encrypted for this purpose with any of the keys.

    Raises:
        ValueError: it was encrypted with another key, or tampered with.
    """
    try:
        return MultiFernet(_fernets(purpose)).decrypt(ciphertext).decode()
    except InvalidToken as error:
        raise ValueError("encrypted with another key, or tampered with") from error


def reencrypt(purpose: str, ciphertext: bytes) -> bytes | None:
    """Re-encrypt with the newest key; return None if that key was used already.

    Raises:
        ValueError: it was encrypted with another key, or tampered with.
    """
    newest, *_older = _fernets(purpose)
    try:
        newest.decrypt(ciphertext)
    except InvalidToken:
        return encrypt(purpose, decrypt(purpose, ciphertext))
    return None


def hmac_digest(purpose: str, text: str) -> bytes:
    """Compute a keyed digest (HMAC-SHA-256): for short codes, which a plain hash would not protect."""
    return hmac_digests(purpose, text)[0]


def hmac_digests(purpose: str, text: str) -> tuple[bytes, ...]:
    """Compute the keyed digest with each key, the newest first: to look up what an older key produced."""
    keys = derive_keys(f"hmac:{purpose}")
    return tuple(hmac.new(key, text.encode(), hashlib.sha256).digest() for key in keys)


def verify_hmac_digest(purpose: str, text: str, digest: bytes, *, length: int = 32) -> bool:
    """Return whether this is the keyed digest of the text, or its first `length` bytes, for any of the keys."""
    return any(hmac.compare_digest(made[:length], digest) for made in hmac_digests(purpose, text))


def key_fingerprint() -> str:
    """Return an identifier of the newest key that reveals nothing about it."""
    return derive_key("fingerprint").hex()[:16]
