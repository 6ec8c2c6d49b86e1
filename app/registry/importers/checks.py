"""Checks over whole columns at once: check digits, shapes and dates, in NumPy."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from app.kernel import clock, parsing
from app.kernel.tabular.report import Reason
from app.registry.contact import normal_email, normal_phone
from app.registry.importers.cleaning import PLAIN_EMAIL, PLAIN_PHONE
from app.registry.names import LONGEST_NAME

Mask = NDArray[np.bool_]
Column = Sequence[str]
Check = Callable[[Column], Mask]

CURP_ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
CURP_LENGTH, NSS_LENGTH = 18, 11
_VALUES = np.full(256, -1, dtype=np.int16)
for _position, _letter in enumerate(CURP_ALPHABET):
    if _letter != "Ñ":  # it has a value, but CURPs are written with an X in its place
        _VALUES[ord(_letter)] = _position
_STATES = (
    *("AS", "BC", "BS", "CC", "CL", "CM", "CS", "CH", "DF", "DG", "GT", "GR", "HG", "JC", "MC", "MN", "MS", "NT"),
    *("NL", "OC", "PL", "QT", "QR", "SP", "SL", "SR", "TC", "TS", "TL", "VZ", "YN", "ZS", "NE"),
)
_STATE_CODES = np.array(sorted(ord(code[0]) * 256 + ord(code[1]) for code in _STATES), dtype=np.int32)

MONEY = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,2})?")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z/-]{0,29}")

BAD_CURP = Reason(
    "La CURP no es válida (letras, fecha o dígito verificador).", "Invalid CURP (letters, date or digit)."
)
BAD_NSS = Reason("El NSS no es válido (11 números y dígito verificador).", "Invalid NSS (11 digits and check digit).")
BAD_DATE = Reason("La fecha no es AAAA-MM-DD o no existe.", "The date isn't YYYY-MM-DD or doesn't exist.")
BAD_SEX = Reason("El sexo debe ser H, M o X.", "Sex must be H, M or X.")
BAD_TEXT = Reason(
    "Falta este dato, pasa de 120 letras o trae caracteres que no se ven.",
    "This is missing, longer than 120 letters, or has characters that can't be seen.",
)
BAD_SHIFT = Reason("El turno debe ser M, V o N.", "The shift must be M, V or N.")
BAD_NUMBER = Reason("Debe ser un número.", "It must be a number.")
BAD_POSTAL = Reason("El código postal tiene 5 números.", "A postal code has 5 digits.")
BAD_EMAIL = Reason("El correo no puede existir; se dejó vacío.", "No such e-mail address can exist; left empty.")
BAD_PHONE = Reason(
    "El teléfono necesita 10 números, o + y el de otro país; se dejó vacío.",
    "A phone needs 10 digits, or + and another country's; left empty.",
)
NOT_ITS_CURP = Reason(
    "La fecha de nacimiento o el sexo no son los de la CURP.", "Birth date or sex aren't those inside the CURP."
)
NOT_BORN = Reason(
    "Según la CURP aún no nace: ¿una letra O donde va un cero?",
    "By the CURP, not born yet: a letter O where a zero belongs?",
)
BAD_LANGUAGE = Reason("El idioma debe ser es o en.", "The language must be es or en.")
BAD_KINSHIP = Reason(
    "El parentesco debe ser spouse, civil-union, partner, child, ward o parent.",
    "Kinship must be spouse, civil-union, partner, child, ward or parent.",
)
BAD_CODE = Reason(
    "El folio tiene de 1 a 30 letras sin acento, números, guiones o diagonales.",
    "A folio has 1 to 30 letters without accents, digits, hyphens or slashes.",
)
BAD_LEAVE = Reason(
    "El tipo debe ser illness, work-risk o maternity.", "The kind must be illness, work-risk or maternity."
)
BAD_DAYS = Reason("Los días son un número entero de 1 a 364.", "Days are a whole number from 1 to 364.")
BAD_WEEKS = Reason("Las semanas son un número entero de 0 a 9999.", "Weeks are a whole number from 0 to 9999.")
BAD_ROOM = Reason("El consultorio es un número entero de 1 a 999.", "A room is a whole number from 1 to 999.")
BAD_PEOPLE = Reason("Debe ser un número entero de 0 a 99999.", "It must be a whole number from 0 to 99999.")
BAD_SITUATION = Reason(
    "Debe ser studies o disability; vacío es ninguna de las dos.",
    "It must be studies or disability; empty is neither.",
)
BAD_PENSION = Reason(
    "Debe ser old-age, advanced-age, invalidity, work-risk, widowhood, orphanhood o ascendants.",
    "It must be old-age, advanced-age, invalidity, work-risk, widowhood, orphanhood or ascendants.",
)
BAD_SCHEME = Reason("Debe ser work o modality-40; vacío es work.", "It must be work or modality-40; empty is work.")
BAD_RELATION = Reason(
    "Debe ser initial, subsequent o relapse; vacío es que no se sabe.",
    "It must be initial, subsequent or relapse; empty is unknown.",
)
BAD_LINE = Reason("Una línea de captura tiene 20 dígitos.", "A payment line has 20 digits.")
BAD_YES_NO = Reason("Debe ser yes o no; vacío es no.", "It must be yes or no; empty is no.")


def codes(column: Column, width: int) -> NDArray[np.uint32]:
    """The characters of a column as a matrix, one row a value; longer values are cut, shorter end in zeros."""
    return np.array(column, dtype=f"U{width}").view(np.uint32).reshape(len(column), width)


def is_curp(column: Column) -> Mask:
    """Shape, birth date, sex, state and check digit of each CURP."""
    letters = codes(column, CURP_LENGTH + 1)
    small = np.where(letters < 256, letters, 0)
    values = _VALUES[small].astype(np.int64)
    whole = (letters[:, CURP_LENGTH] == 0) & (values[:, :CURP_LENGTH] >= 0).all(axis=1)
    is_digit = (small >= ord("0")) & (small <= ord("9"))
    shape = is_digit[:, 4:10].all(axis=1) & is_digit[:, 17] & ~is_digit[:, :4].any(axis=1)
    shape &= ~is_digit[:, 11:16].any(axis=1)
    sex = np.isin(small[:, 10], [ord(c) for c in "HMX"])
    state = np.isin(small[:, 11].astype(np.int32) * 256 + small[:, 12].astype(np.int32), _STATE_CODES)
    weights = np.arange(18, 1, -1)
    digit = (10 - (values[:, :17] * weights).sum(axis=1) % 10) % 10
    right = digit == values[:, 17]
    ok: Mask = whole & shape & sex & state & right & _has_real_date(values, is_digit)
    return ok


def _has_real_date(values: NDArray[np.int64], is_digit: Mask) -> Mask:
    year = values[:, 4] * 10 + values[:, 5] + np.where(is_digit[:, 16], 1900, 2000)
    month, day = values[:, 6] * 10 + values[:, 7], values[:, 8] * 10 + values[:, 9]
    return real_date(year, month, day)


def real_date(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> Mask:
    """Whether each year, month and day is a day of the calendar."""
    month_days = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    known = (month >= 1) & (month <= 12)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = month_days[np.where(known, month, 0)] + ((month == 2) & leap)
    found: Mask = known & (day >= 1) & (day <= last)
    return found


def is_nss(column: Column) -> Mask:
    """Eleven digits with Luhn's check digit."""
    letters = codes(column, NSS_LENGTH + 1)
    digits = letters[:, :NSS_LENGTH].astype(np.int64) - ord("0")
    shape = ((digits >= 0) & (digits <= 9)).all(axis=1) & (letters[:, NSS_LENGTH] == 0)
    doubled = digits[:, 1::2] * 2
    total = digits[:, 0::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    found: Mask = shape & (total % 10 == 0)
    return found


def is_date(column: Column) -> Mask:
    """YYYY-MM-DD, and a day that exists."""
    letters = codes(column, 11)
    digits = letters.astype(np.int64) - ord("0")
    figures = digits[:, [0, 1, 2, 3, 5, 6, 8, 9]]
    shape = ((figures >= 0) & (figures <= 9)).all(axis=1) & (letters[:, 4] == 45) & (letters[:, 7] == 45)
    year = figures[:, 0] * 1000 + figures[:, 1] * 100 + figures[:, 2] * 10 + figures[:, 3]
    month, day = figures[:, 4] * 10 + figures[:, 5], figures[:, 6] * 10 + figures[:, 7]
    shape &= letters[:, 10] == 0
    found: Mask = shape & (year >= 1850) & (year <= 2200) & real_date(year, np.where(shape, month, 0), day)
    return found


def is_filled(column: Column) -> Mask:
    return np.fromiter(map(bool, column), dtype=bool, count=len(column))


def is_text(column: Column) -> Mask:
    """Something, of up to 120 characters, none of them of control (PostgreSQL stores no NUL)."""
    # Names repeat: each different one is looked at once.
    different = set(column)
    known = {value for value in different if 0 < len(value) <= LONGEST_NAME and value.isprintable()}
    if len(known) == len(different):
        return np.ones(len(column), dtype=bool)
    return np.fromiter(map(known.__contains__, column), dtype=bool, count=len(column))


def one_of(*choices: str) -> Check:
    """Each value is one of these."""
    known = frozenset(choices)

    def check(column: Column) -> Mask:
        return np.fromiter(map(known.__contains__, column), dtype=bool, count=len(column))

    return check


def is_digits(*widths: int) -> Check:
    """Each value is only digits, of one of these widths."""

    def right(value: str) -> bool:
        return parsing.is_digits(value) and len(value) in widths

    def check(column: Column) -> Mask:
        # Rooms and postal codes repeat: each different one is looked at once.
        known = {value for value in set(column) if right(value)}
        return np.fromiter(map(known.__contains__, column), dtype=bool, count=len(column))

    return check


def within(low: int, high: int) -> Check:
    """Each value is a whole number between these, both included; zeros may come before it."""

    def right(value: str) -> bool:
        return parsing.is_digits(value) and len(value) <= len(str(high)) and low <= int(value) <= high

    def check(column: Column) -> Mask:
        known = {value for value in set(column) if right(value)}
        return np.fromiter(map(known.__contains__, column), dtype=bool, count=len(column))

    return check


def is_code(column: Column) -> Mask:
    """Up to 30 letters, digits, hyphens and slashes: no blank or unseen character makes another key of the same."""
    return np.fromiter(map(bool, map(CODE.fullmatch, column)), dtype=bool, count=len(column))


def is_money(column: Column) -> Mask:
    """A number with at most two decimals."""
    return np.fromiter(map(bool, map(MONEY.fullmatch, column)), dtype=bool, count=len(column))


def is_email(column: Column) -> Mask:
    """An address in its normal form (`cleaning.emails`), as pages and the API take it."""
    return _is_normal(column, PLAIN_EMAIL, normal_email)


def is_phone(column: Column) -> Mask:
    """A number of Mexico with ten digits, or any in its international form (`cleaning.phones`)."""
    return _is_normal(column, PLAIN_PHONE, normal_phone)


def _is_normal(column: Column, plain: re.Pattern[str], normal: Callable[[str], str]) -> Mask:
    def right(value: str) -> bool:
        if plain.fullmatch(value):
            return True
        try:
            return normal(value) == value
        except ValueError:
            return False

    return np.fromiter(map(right, column), dtype=bool, count=len(column))


def agrees_with_curp(curps: Column, births: Column, sexes: Column) -> Mask:
    """Whether birth date and sex are those inside the CURP. Its 17th character is a digit for births until 1999."""

    def agrees(curp: str, birth: str, sex: str) -> bool:
        inside = f"{birth[2:4]}{birth[5:7]}{birth[8:10]}{sex}"
        return curp[4:11] == inside and (curp[16:17] <= "9") == (birth < "2000")

    return np.fromiter(map(agrees, curps, births, sexes), dtype=bool, count=len(curps))


def is_born(curps: Column) -> Mask:
    """Whether the birth inside the CURP isn't in the future: a letter O typed for a zero moves it by a century."""
    today = clock.dates_in_progress()[-1].isoformat()[2:].replace("-", "")
    born = [curp[16:17] <= "9" or curp[4:10] <= today for curp in curps]
    return np.array(born, dtype=bool)


def optional(check: Check) -> Check:
    """The check, or nothing at all."""

    def either(column: Column) -> Mask:
        if "" not in column:
            return check(column)
        empty = ~is_filled(column)
        if empty.all():
            return empty
        return empty | check([value or "0" for value in column])

    return either
