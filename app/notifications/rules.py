"""Why no message can reach a person, and the kind of a test. Pure."""

from enum import StrEnum

TEST = "message.test"
"""The kind of a test of texts that a member of staff sends to themselves."""


class UnreachedReason(StrEnum):
    """Why no message could be sent: no contact, a frozen account, or a contact without the assurance that it needs."""

    NO_CONTACT = "no-contact"
    FROZEN = "frozen"
    UNPROVEN = "unproven"
