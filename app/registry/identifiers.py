"""CURP, NSS and postal code as people type and paste them: with spaces, dashes, small letters; explained when wrong.

CURP: Instructivo Normativo para la Asignación de la Clave Única de Registro de Población (DOF 2021-10-18).
NSS: eleven digits, the last by Luhn's algorithm.
Postal code: five digits; the first two are 01 to 16 in Mexico City and 20 to 99 in the states (as read
in public encyclopaedias); 99999 is what catalogues write for «unknown».
"""

import re
from datetime import date

from stdnum import luhn
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.mx import curp as stdnum_curp

from app.kernel import clock
from app.kernel.i18n import N_
from app.kernel.parsing import is_digits, plain_identifier

CURP_LENGTH, NSS_LENGTH = 18, 11
POSTAL_CODE_LENGTH = 5
POSTAL_CODE = re.compile(r"(?:0[1-9]|1[0-6]|[2-9][0-9])[0-9]{3}")
UNKNOWN_POSTAL_CODE = "99999"
CURP_SEX = 10
"""Where the letter of the sex is in a CURP."""
CURP_REASONS: dict[type[ValidationError], str] = {
    InvalidLength: N_("La CURP tiene 18 letras y números; revise que no falte ninguno."),
    InvalidFormat: N_("La CURP empieza con 4 letras, luego 6 números de su fecha de nacimiento y H, M o X."),
    InvalidComponent: N_("La fecha o el estado dentro de la CURP no existen; revise esos caracteres."),
    InvalidChecksum: N_("Hay un error de escritura en la CURP. Revise sus letras y números uno por uno."),
}
FUTURE_BIRTH_REASON = N_(
    "Según la CURP, esa persona aún no nace. ¿Escribió una letra O donde va un cero? Está en el penúltimo lugar."
)
OTHER_REASON = N_("Esa no es una CURP válida; cópiela de su documento.")
NSS_LENGTH_REASON = N_("El número de seguridad social tiene 11 números.")
NSS_CHECK_REASON = N_("Hay un error de escritura. Revise los números uno por uno.")

POSTAL_CODE_LENGTH_REASON = N_("El código postal tiene 5 números.")
NO_POSTAL_CODE_REASON = N_("Ningún código postal de México es así: revise sus 5 números.")


def parse_curp(text: str) -> str:
    """The canonical CURP.

    Raises:
        ValueError: with a sentence (Spanish msgid) that says what is wrong.
    """
    typed = plain_identifier(text)
    try:
        stdnum_curp.validate(_as_stdnum_knows_it(typed), validate_check_digits=False)
        if stdnum_curp.calc_check_digit(typed) != typed[-1]:
            raise InvalidChecksum
    except ValidationError as error:
        raise ValueError(CURP_REASONS.get(type(error), OTHER_REASON)) from error
    except ValueError as error:  # a letter that no CURP has: the library looks its value up
        raise ValueError(OTHER_REASON) from error
    if birth_date_of(typed) > clock.dates_in_progress()[-1]:
        raise ValueError(FUTURE_BIRTH_REASON)
    return typed


def issue_in(text: str) -> str | None:
    """What is wrong with a text as long as a CURP or a social-security number (Spanish msgid); None when nothing is, or
    when it is neither."""
    typed = plain_identifier(text)
    parse = {CURP_LENGTH: parse_curp, NSS_LENGTH: parse_nss}.get(len(typed))
    if parse is None or not any(one in "0123456789" for one in typed):
        return None
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


def _as_stdnum_knows_it(typed: str) -> str:
    """The library has no X for sex, which is in use since 2021, and refuses beginnings that spell something rude, which
    old records have: neither is a reason to reject one."""
    sex = "H" if typed[10:11] == "X" else typed[10:11]
    return re.sub(r"^[A-Z]{4}", "AAAA", typed[:10]) + sex + typed[11:]


def parse_nss(text: str) -> str:
    """The canonical social-security number.

    Raises:
        ValueError: with a sentence (Spanish msgid) that says what is wrong.
    """
    digits = plain_identifier(text)
    if len(digits) != NSS_LENGTH or not is_digits(digits):
        raise ValueError(NSS_LENGTH_REASON)
    if not luhn.is_valid(digits):
        raise ValueError(NSS_CHECK_REASON)
    return digits


def parse_postal_code(text: str) -> str:
    """A postal code that there can be in Mexico. Whether there is one, or whose it is, isn't looked up.

    Raises:
        ValueError: with a sentence (Spanish msgid) that says what is wrong.
    """
    digits = plain_identifier(text)
    if len(digits) != POSTAL_CODE_LENGTH or not is_digits(digits):
        raise ValueError(POSTAL_CODE_LENGTH_REASON)
    if digits == UNKNOWN_POSTAL_CODE or not POSTAL_CODE.fullmatch(digits):
        raise ValueError(NO_POSTAL_CODE_REASON)
    return digits


def birth_date_of(curp: str) -> date:
    """The birth date inside a valid CURP."""
    return stdnum_curp.get_birth_date(curp)
