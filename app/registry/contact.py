"""E-mail addresses and telephone numbers in one shape, or a sentence that says what is wrong: one check for pages, the
API and imports."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from app.kernel.i18n import N_

# Whether the address receives is not asked: the code that is sent is the proof that it works.
EMAIL_REASON = N_("Escriba el correo completo, como ana@ejemplo.mx.")
PHONE_REASON = N_("Escriba los 10 números de su teléfono.")
UNSEEN_REASON = N_("Hay caracteres que no se ven dentro de lo que escribió; escríbalo otra vez sin pegarlo.")
REGION = "MX"
LONGEST_EMAIL = 254
UNSEEN = frozenset({"Cf", "Cc", "Co", "Cn", "Cs"})


def without_unseen_ends(text: str) -> str:
    """The text without blanks and characters that can't be seen before and after it, as pasting leaves them. A NUL is
    never pasted: it isn't left out.

    Raises:
        ValueError: there are some inside, or a NUL.
    """
    bare = text
    while bare and _is_left_by_pasting(bare[0]):
        bare = bare[1:]
    while bare and _is_left_by_pasting(bare[-1]):
        bare = bare[:-1]
    if any(map(_is_unseen, bare)):
        raise ValueError(UNSEEN_REASON)
    return bare


def normal_email(text: str) -> str:
    """The address in its normal form: NFC, its domain in small letters.

    Raises:
        ValueError: it isn't an address that could receive anything.
    """
    address = without_unseen_ends(text)
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(EMAIL_REASON) from error
    if len(found.normalized) > LONGEST_EMAIL:
        raise ValueError(EMAIL_REASON)
    return found.normalized


def normal_phone(text: str) -> str:
    """The number as E.164 (`+525512345678`); national numbers are Mexican.

    Raises:
        ValueError: there is no such number.
    """
    typed = unicodedata.normalize("NFKC", without_unseen_ends(text))
    if any(letter.isalpha() for letter in typed):
        raise ValueError(PHONE_REASON)
    try:
        number = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError(PHONE_REASON) from error
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise ValueError(PHONE_REASON)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_left_by_pasting(letter: str) -> bool:
    return letter != "\0" and (_is_unseen(letter) or letter.isspace())


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in UNSEEN
