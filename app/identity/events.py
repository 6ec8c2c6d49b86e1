"""What happens at the door. No code, contact or CURP enters a fact."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CodeRequested(DomainEvent):
    """Somebody asked for a one-time code. The subject is the challenge; whether it reaches anybody isn't said."""

    type: ClassVar[str] = "code.requested"
    purpose: str


@dataclass(frozen=True, kw_only=True)
class DeskCodeIssued(DomainEvent):
    """The desk gave a person a code by hand."""

    type: ClassVar[str] = "code.issued-at-desk"


@dataclass(frozen=True, kw_only=True)
class SignedIn(DomainEvent):
    """A person or a member of staff came in. `assurance`: how sure it is who the person is; null for staff."""

    type: ClassVar[str] = "identity.signed-in"
    how: str
    assurance: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewDeviceSeen(DomainEvent):
    """A person signed in from a browser or a program that they hadn't used before."""

    type: ClassVar[str] = "identity.new-device"
    assurance: str


@dataclass(frozen=True, kw_only=True)
class ContactChanged(DomainEvent):
    """An account got another contact, or lost the one it had. `how`: by which proof; `assurance`: how sure it was."""

    type: ClassVar[str] = "account.contact-changed"
    how: str
    assurance: str


@dataclass(frozen=True, kw_only=True)
class AccountFrozen(DomainEvent):
    """Somebody said by the link of a message that it wasn't them: only a desk code opens the account.

    Sessions, tokens and codes ended. `because` is the type of the event they were told of, `event_id` that event.
    """

    type: ClassVar[str] = "account.frozen"
    because: str
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountReleased(DomainEvent):
    """A desk code opened an account that was frozen."""

    type: ClassVar[str] = "account.released"


@dataclass(frozen=True, kw_only=True)
class SignInRefused(DomainEvent):
    """A code or password was wrong. The subject is the challenge, or the member of staff."""

    type: ClassVar[str] = "identity.refused"
    how: str


@dataclass(frozen=True, kw_only=True)
class TokenReused(DomainEvent):
    """A refresh token was used twice: its family is revoked. The subject is the family."""

    type: ClassVar[str] = "token.reused"


@dataclass(frozen=True, kw_only=True)
class StaffAdded(DomainEvent):
    """A member of staff may come in from now on."""

    type: ClassVar[str] = "staff.added"
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffChanged(DomainEvent):
    """A member of staff has another role or other units; null units are all of them."""

    type: ClassVar[str] = "staff.changed"
    role_before: str
    role: str
    units_before: list[str] | None
    units: list[str] | None


@dataclass(frozen=True, kw_only=True)
class StaffDeactivated(DomainEvent):
    """A member of staff may no longer sign in; their sessions and tokens ended, their work went back to the queue."""

    type: ClassVar[str] = "staff.deactivated"
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffReactivated(DomainEvent):
    """A member of staff may sign in again."""

    type: ClassVar[str] = "staff.reactivated"
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffCredentialsReset(DomainEvent):
    """The password, the authenticator or both of a member of staff ended; a one-time link sets them again."""

    type: ClassVar[str] = "staff.credentials-reset"
    password: bool
    authenticator: bool


@dataclass(frozen=True, kw_only=True)
class StaffCredentialsSet(DomainEvent):
    """A member of staff set their password, their authenticator or both, with a one-time link."""

    type: ClassVar[str] = "staff.credentials-set"
    password: bool
    authenticator: bool


@dataclass(frozen=True, kw_only=True)
class AccountClosed(DomainEvent):
    """A citizen closed their account: their contacts are forgotten, their consents end."""

    type: ClassVar[str] = "account.closed"


@dataclass(frozen=True, kw_only=True)
class MandateGranted(DomainEvent):
    """A person consented that somebody else acts for them. The subject is the mandate.

    `delegate_id` is null while that person has no account.
    """

    type: ClassVar[str] = "mandate.granted"
    delegate_id: UUID | None
    services: list[str]


@dataclass(frozen=True, kw_only=True)
class MandateRevoked(DomainEvent):
    """A person took their consent back. The subject is the mandate."""

    type: ClassVar[str] = "mandate.revoked"
    delegate_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class SessionAbandoned(DomainEvent):
    """A visit ended with time spent on nothing finished. The subject is the browser's session."""

    type: ClassVar[str] = "session.abandoned"
