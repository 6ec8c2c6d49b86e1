"""Why no message can reach a person, and the kinds of messages to who is no citizen. Pure."""

from enum import StrEnum

TEST = "message.test"
"""The kind of a test of texts that a member of staff sends to themselves."""
WEBHOOK_DISABLED = "webhook.disabled"
"""The kind of the notice to the contact of a webhook. Its `person_id` is the webhook's."""
TO_NO_CITIZEN = frozenset({TEST, WEBHOOK_DISABLED})


class UnreachedReason(StrEnum):
    """Why no message could be sent: no contact, a frozen account, or a contact without the assurance that it needs."""

    NO_CONTACT = "no-contact"
    FROZEN = "frozen"
    UNPROVEN = "unproven"
