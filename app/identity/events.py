"""Events of identity. They contain no code, contact or CURP."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CodeRequested(DomainEvent):
    """A one-time code was requested. The subject is the challenge; whether it has a recipient isn't recorded."""

    type: ClassVar[str] = "code.requested"
    purpose: str


@dataclass(frozen=True, kw_only=True)
class DeskCodeIssued(DomainEvent):
    """The desk issued a code to a person."""

    type: ClassVar[str] = "code.issued-at-desk"


@dataclass(frozen=True, kw_only=True)
class SignedIn(DomainEvent):
    """A person or a member of staff signed in. `assurance` is null for staff."""

    type: ClassVar[str] = "identity.signed-in"
    how: str
    assurance: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewDeviceSeen(DomainEvent):
    """A person signed in from an unknown browser or program."""

    type: ClassVar[str] = "identity.new-device"
    assurance: str


@dataclass(frozen=True, kw_only=True)
class ContactChanged(DomainEvent):
    """The contact of an account was changed or removed. `how`: by which proof; `assurance`: at which level."""

    type: ClassVar[str] = "account.contact-changed"
    how: str
    assurance: str


@dataclass(frozen=True, kw_only=True)
class AccountFrozen(DomainEvent):
    """An account was frozen with the link of a security notice: only a desk code unfreezes it.

    Sessions, tokens and codes were revoked. `because` and `event_id` are the type and id of the reported event.
    """

    type: ClassVar[str] = "account.frozen"
    because: str
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountReleased(DomainEvent):
    """A desk code unfroze an account."""

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
    """A member of staff was added."""

    type: ClassVar[str] = "staff.added"
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffChanged(DomainEvent):
    """The role or units of a member of staff changed; null means every unit."""

    type: ClassVar[str] = "staff.changed"
    role_before: str
    role: str
    units_before: list[str] | None
    units: list[str] | None


@dataclass(frozen=True, kw_only=True)
class StaffDeactivated(DomainEvent):
    """A member of staff was deactivated: sessions and tokens were revoked, claimed work was released."""

    type: ClassVar[str] = "staff.deactivated"
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffReactivated(DomainEvent):
    """A member of staff may sign in again."""

    type: ClassVar[str] = "staff.reactivated"
    role: str


@dataclass(frozen=True, kw_only=True)
class StaffCredentialsReset(DomainEvent):
    """The password, the authenticator or both of a member of staff were reset; a one-time link sets new ones."""

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
    """A citizen closed their account: contacts were deleted and mandates revoked."""

    type: ClassVar[str] = "account.closed"


@dataclass(frozen=True, kw_only=True)
class MandateGranted(DomainEvent):
    """A person authorized a delegate to act for them. The subject is the mandate.

    `delegate_id` is null until the delegate has an account.
    """

    type: ClassVar[str] = "mandate.granted"
    delegate_id: UUID | None
    services: list[str]


@dataclass(frozen=True, kw_only=True)
class MandateRevoked(DomainEvent):
    """A person revoked a mandate, the subject."""

    type: ClassVar[str] = "mandate.revoked"
    delegate_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class SessionAbandoned(DomainEvent):
    """A web session ended with time spent on an unfinished transaction. The subject is the session."""

    type: ClassVar[str] = "session.abandoned"


@dataclass(frozen=True, kw_only=True)
class DeviceEvent(DomainEvent):
    """Common field: `kiosk` or `board`. The subject is the device."""

    device_kind: str


@dataclass(frozen=True, kw_only=True)
class DeviceAdded(DeviceEvent):
    """A kiosk or board was added to a unit."""

    type: ClassVar[str] = "device.added"


@dataclass(frozen=True, kw_only=True)
class DeviceCodeIssued(DeviceEvent):
    """A kiosk or board was given a new pairing code; the one before ended."""

    type: ClassVar[str] = "device.code-issued"


@dataclass(frozen=True, kw_only=True)
class DevicePaired(DeviceEvent):
    """A kiosk or board exchanged its pairing code for a token; the token before ended."""

    type: ClassVar[str] = "device.paired"


@dataclass(frozen=True, kw_only=True)
class DeviceRevoked(DeviceEvent):
    """A kiosk or board may do nothing any more."""

    type: ClassVar[str] = "device.revoked"


@dataclass(frozen=True, kw_only=True)
class AssistanceStarted(DomainEvent):
    """A member of staff began to act for a person, at the counter or on the telephone. The subject is the assistance;
    events of what is done in it have its id as `assistance_id`."""

    type: ClassVar[str] = "assistance.started"


@dataclass(frozen=True, kw_only=True)
class AssistanceIdentityChecked(DomainEvent):
    """The identity of a person whom staff act for was checked: by a `document`, by the `code` sent to their contact, or
    by `questions`. `document` is which one was seen. The subject is the assistance."""

    type: ClassVar[str] = "assistance.identity-checked"
    how: str
    assurance: str
    document: str | None = None


@dataclass(frozen=True, kw_only=True)
class AssistanceIdentityRefused(DomainEvent):
    """The answers to the questions, or the code, of a person whom staff act for were wrong. The subject is the
    assistance."""

    type: ClassVar[str] = "assistance.identity-refused"
    how: str


@dataclass(frozen=True, kw_only=True)
class AssistanceEnded(DomainEvent):
    """A member of staff ended an assistance (`staff`), it was idle (`idle`), or the account, role, units or sessions of
    the clerk ended (`access`). The subject is the assistance."""

    type: ClassVar[str] = "assistance.ended"
    because: str
