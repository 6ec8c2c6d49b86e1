"""Pure rules: active time, code delivery, and which security notices may freeze an account."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.actor import Assurance
from app.kernel.parsing import has_words, without_unseen

# A longer gap is absence rather than reading and isn't counted. The number is part of the measurement method
# (docs/observation.md says why); a change of it changes what is measured, so it is no setting.
IDLE_LIMIT = timedelta(minutes=5)


LONGEST_USERNAME, LONGEST_STAFF_NAME = 80, 200


def is_username(text: str) -> bool:
    """Whether members of staff may sign in with this name: 1 to 80 characters that can be seen, no space, and a letter
    or digit among them."""
    return len(text) <= LONGEST_USERNAME and _is_seen(text) and " " not in text


def is_staff_name(text: str) -> bool:
    """Whether a member of staff may be called this: 1 to 200 characters that can be seen, a letter among them."""
    return len(text) <= LONGEST_STAFF_NAME and _is_seen(text)


def _is_seen(text: str) -> bool:
    """Whether all of a text can be seen, and there is something to read in it: two that look alike are the same."""
    whole = unicodedata.normalize("NFC", text)
    return whole.isprintable() and has_words(whole) and without_unseen(whole) == " ".join(whole.split())


def active_seconds(last_active_at: datetime | None, now: datetime) -> float:
    """The active seconds between the last step and this one; 0 when there was none, or the gap is idle."""
    if last_active_at is None:
        return 0.0
    gap = now - last_active_at
    return gap.total_seconds() if timedelta() < gap <= IDLE_LIMIT else 0.0


def credible_seconds(reported: float | None, last_active_at: datetime | None, now: datetime) -> float | None:
    """The active seconds that a client reports, at most those that passed on our clock since its last step.

    None when it reports none, or when there is no step to count from.
    """
    if reported is None or last_active_at is None:
        return None
    return min(reported, max((now - last_active_at).total_seconds(), 0.0))


def restarts_timer(last_active_at: datetime | None, now: datetime) -> bool:
    """Return whether a page view restarts the timer: the first of a session, or the first after an idle gap."""
    return last_active_at is None or now - last_active_at > IDLE_LIMIT


@dataclass(frozen=True, slots=True)
class Contact:
    """An address that messages go to: e-mail, telephone, or neither."""

    email: str | None = None
    phone: str | None = None

    @property
    def is_there(self) -> bool:
        return self.email is not None or self.phone is not None

    @property
    def reached(self) -> "Contact":
        """The one of the two that a code is sent to, and so the one it proves."""
        return Contact(email=self.email) if self.email is not None else Contact(phone=self.phone)


class Purpose(StrEnum):
    """What a one-time code is for, by where it was sent."""

    SIGN_IN = "sign-in"
    REGISTRY = "registry"
    ENROL = "enrol"
    OPEN = "open"
    CONTACT = "contact"
    CONFIRM = "confirm"
    DESK = "desk"
    ASSIST = "assist"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Recipient contact and purpose of a code."""

    purpose: Purpose
    contact: Contact


def choose_delivery(
    *, account: Contact | None, level: Assurance, registered: Contact, new: Contact | None, full_only: bool = False
) -> Delivery:
    """Choose where a code is sent. Never to a new contact while the account or the registry has one.

    `account` is None for who has none; `level` is that account's. The registry's contact wins over that of an account
    at low assurance, which another person may have opened.
    """
    has_account = account is not None and account.is_there
    if account is not None and has_account and level is Assurance.FULL:
        return Delivery(Purpose.SIGN_IN, account.reached)
    if registered.is_there:
        return Delivery(Purpose.REGISTRY, registered.reached)
    if account is not None:
        return Delivery(Purpose.SIGN_IN, Contact() if full_only else account.reached)
    if new is not None and not full_only:
        return Delivery(Purpose.ENROL, new.reached)
    return Delivery(Purpose.SIGN_IN, Contact())


def may_freeze(contact: Assurance, act: Assurance) -> bool:
    """Return whether a contact may freeze the account because of an act: not if the act had a higher assurance than the
    contact, or an impostor could lock the owner out."""
    return contact.reaches(act)


def is_superseded(level: Assurance, act: Assurance) -> bool:
    """Return whether the account has since reached a higher assurance than the act, which revoked its effects."""
    return not act.reaches(level)
