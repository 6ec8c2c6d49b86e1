"""Masked names and identifiers, recognisable to relatives only: for messages and pages that others may see."""

from app.registry.identifiers import NSS_LENGTH

MASK, SMS_MASK = "•••", "***"
SHOWN_OF_NAME, SHOWN_OF_CURP, SHOWN_OF_NSS = 2, 4, 4
GIVEN_NAME_AT = 3  # a CURP's fourth letter is the given name's first (RENAPO's instructions)


def masked_person(given_names: str, curp: str) -> str:
    """Return a masked person: `Ab••• (CURP TOVA•••)`."""
    names = " ".join(f"{name[:SHOWN_OF_NAME]}{MASK}" for name in given_names.split())
    return f"{names} (CURP {curp[:SHOWN_OF_CURP]}{MASK})".strip()


def masked_short(given_names: str, curp: str) -> str:
    """Return a masked person for a text message, short and in its alphabet: `Ab*** TOVA***`."""
    names = " ".join(f"{name[:SHOWN_OF_NAME]}{SMS_MASK}" for name in given_names.split()[:2])
    return f"{names} {curp[:SHOWN_OF_CURP]}{SMS_MASK}".strip()


def masked_identifier(identifier: str) -> str:
    """Return a masked identifier derived only from what was typed: the page must not reveal who exists."""
    if len(identifier) == NSS_LENGTH:
        return f"NSS {MASK}{identifier[-SHOWN_OF_NSS:]}"
    return masked_person(identifier[GIVEN_NAME_AT : GIVEN_NAME_AT + 1], identifier) if identifier else ""
