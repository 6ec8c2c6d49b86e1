"""Why no message can reach a person. Pure."""

from enum import StrEnum


class UnreachedReason(StrEnum):
    """Why no message could be sent: no contact, a frozen account, or a contact without the assurance that it needs."""

    NO_CONTACT = "no-contact"
    FROZEN = "frozen"
    UNPROVEN = "unproven"
