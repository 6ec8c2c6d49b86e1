"""E-mail addresses and telephone numbers in one shape, or a sentence that says what is wrong."""

import re

import phonenumbers

from app.kernel.i18n import N_

# Deliberately loose: the code that is sent is the proof that it works.
EMAIL = re.compile(r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,}$")
EMAIL_REASON = N_("Escriba el correo completo, como ana@ejemplo.mx.")
PHONE_REASON = N_("Escriba los 10 números de su teléfono.")
REGION = "MX"


def normal_email(text: str) -> str:
    """The address, without spaces around and with its domain in small letters.

    Raises:
        ValueError: it isn't an address.
    """
    address = text.strip()
    if not EMAIL.match(address):
        raise ValueError(EMAIL_REASON)
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def normal_phone(text: str) -> str:
    """The number as E.164 (`+525512345678`); national numbers are Mexican.

    Raises:
        ValueError: there is no such number.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError(PHONE_REASON) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(PHONE_REASON)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
