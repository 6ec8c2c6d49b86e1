"""Files of the insured as an agency might send them."""

from pathlib import Path

from stdnum import luhn
from stdnum.mx import curp as stdnum_curp

PEOPLE = (
    "curp,nss,given_names,first_surname,second_surname,birth_on,sex,clues,room,shift,email,phone,postal_code,language"
)
PERIODS = "curp,employer,daily_wage,starts_on,ends_on"
DEPENDANTS = "holder_curp,curp,kinship,starts_on,ends_on"


def curp(number: int, born: str = "900517", sex: str = "M") -> str:
    """A valid CURP, another for each number."""
    letters = "ABCDEFGHIJ"
    base = f"NU{letters[number // 100 % 10]}A{born}{sex}DF{letters[number // 10 % 10]}{letters[number % 10]}N0"
    return base + stdnum_curp.calc_check_digit(base)


def nss(number: int) -> str:
    """A valid social-security number, another for each number."""
    base = f"{number:010d}"
    return base + luhn.calc_check_digit(base)


def person(number: int, *, clues: str = "", **given: str) -> str:
    """A row of the people's file; `given` overrides columns."""
    values = {
        "curp": curp(number),
        "nss": nss(number),
        "given_names": "Ana María",
        "first_surname": "Núñez",
        "second_surname": "Peña",
        "birth_on": "1990-05-17",
        "sex": "M",
        "clues": clues,
        "room": "1" if clues else "",
        "shift": "M" if clues else "",
        "email": "",
        "phone": "5512345678",
        "postal_code": "06300",
        "language": "",
    } | given
    return ",".join(values[name] for name in PEOPLE.split(","))


def write(path: Path, *lines: str, encoding: str = "utf-8", ending: str = "\n") -> Path:
    path.write_bytes((ending.join(lines) + ending).encode(encoding))
    return path
