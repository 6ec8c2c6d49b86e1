"""Passwords of staff: how they are hashed (Argon2id, RFC 9106), and which are refused.

NIST SP 800-63B 5.1.1.2: length instead of kinds of characters, and none that is expected, commonly used or about the
person. `zxcvbn` brings lists of leaked passwords and estimates the guesses an attacker needs; its lists are English, so
words that passwords are made of here are added.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from zxcvbn import zxcvbn

from app.identity.settings import identity_settings
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid

MIN_PASSWORD = 12  # NIST SP 800-63B asks for 8 at least; staff see other people's data
MAX_PASSWORD = 200
MIN_SCORE = 3
"""Of zxcvbn: 10^8 guesses and more."""
MIN_WORD_LENGTH, MIN_OWN_CHARACTERS = 3, 6
"""Characters that must remain of a password after removing expected words of three letters or more."""
SCORED_CHARACTERS = 72
"""Characters passed to the estimator, whose running time grows with the length."""
MAX_CONCURRENT_HASHES = 4
"""Each takes tens of MB: concurrent attempts wait instead of exhausting memory."""

TOO_SHORT = N_("La contraseña necesita entre 12 y 200 caracteres.")
TOO_EASY = N_("Esa contraseña es fácil de adivinar.")
WARNINGS = {
    "Straight rows of keys are easy to guess.": N_("Las teclas seguidas son fáciles de adivinar."),
    "Short keyboard patterns are easy to guess.": N_("Los dibujos en el teclado son fáciles de adivinar."),
    'Repeats like "aaa" are easy to guess.': N_("Las repeticiones como «aaa» son fáciles de adivinar."),
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': N_(
        "Repetir «abcabcabc» casi no es más difícil de adivinar que «abc»."
    ),
    'Sequences like "abc" or "6543" are easy to guess.': N_("Las series como «abc» o «6543» son fáciles de adivinar."),
    "Recent years are easy to guess.": N_("Los años recientes son fáciles de adivinar."),
    "Dates are often easy to guess.": N_("Las fechas suelen ser fáciles de adivinar."),
    "This is a top-10 common password.": N_("Es una de las diez contraseñas más usadas."),
    "This is a top-100 common password.": N_("Es una de las cien contraseñas más usadas."),
    "This is a very common password.": N_("Es una contraseña muy usada."),
    "This is similar to a commonly used password.": N_("Se parece a una contraseña muy usada."),
    "A word by itself is easy to guess.": N_("Una palabra sola es fácil de adivinar."),
    "Names and surnames by themselves are easy to guess.": N_("Los nombres y apellidos solos son fáciles de adivinar."),
    "Common names and surnames are easy to guess.": N_("Los nombres y apellidos comunes son fáciles de adivinar."),
}
ADVICE = N_("Use cuatro o más palabras que no tengan que ver entre sí ni con usted; no hacen falta signos ni números.")


def require_strong(password: str, about: Sequence[str] = ()) -> None:
    """Refuse a password that is short or easy to guess; `about` are words about the person.

    Raises:
        Invalid: with what is wrong and what to do, at the field `password`.
    """
    if wrong := weaknesses(password, about):
        raise Invalid(fields=wrong)


def weaknesses(password: str, about: Sequence[str] = ()) -> list[FieldError]:
    """What is wrong with a password and what to do, at the field `password`; nothing when it is strong."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return [FieldError("password", TOO_SHORT, "too_short")]
    words = [*_expected_words(), *(word for text in about for word in (text, *text.split()))]
    rest = password.casefold()
    for word in sorted({word.casefold() for word in words}, key=len, reverse=True):
        rest = rest.replace(word, "") if len(word) >= MIN_WORD_LENGTH else rest
    if len(rest) < MIN_OWN_CHARACTERS:
        return [FieldError("password", TOO_EASY, "too_easy"), FieldError("password", ADVICE, "advice")]
    strength = zxcvbn(password[:SCORED_CHARACTERS], user_inputs=words)
    if strength["score"] < MIN_SCORE:
        reason = WARNINGS.get(strength["feedback"]["warning"] or "", TOO_EASY)
        return [FieldError("password", reason, "too_easy"), FieldError("password", ADVICE, "advice")]
    return []


@lru_cache
def _expected_words() -> tuple[str, ...]:
    text = files("app.identity").joinpath("password_words.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@lru_cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=identity_settings().argon2_memory_kib, parallelism=1)


@lru_cache
def _dummy_hash() -> str:
    """Return a hash to compare for unknown users or users without a password, so that timing doesn't reveal them."""
    return _hasher().hash("nobody has this password")


_hash_slots: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def _hash_slot() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _hash_slots:
        _hash_slots.clear()
        _hash_slots[loop] = asyncio.Semaphore(MAX_CONCURRENT_HASHES)
    return _hash_slots[loop]


async def hash_password(password: str) -> str:
    """The hash that is stored."""
    async with _hash_slot():
        return await asyncio.to_thread(_hasher().hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is that password; takes as long when there is none."""
    async with _hash_slot():
        right = await asyncio.to_thread(_matches, password_hash or _dummy_hash(), password)
    return right and password_hash is not None


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether it was hashed with other parameters than those in force."""
    return _hasher().check_needs_rehash(password_hash)
