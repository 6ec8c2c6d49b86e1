"""The one table of permissions: which roles may do what, and where. Also the level of assurance that citizens need.

A use case names an action; nothing else compares roles. A row that belongs to a unit is found by a scoped load, so for
an action of scope `UNIT` the load says where, and here is said who.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeGuard
from uuid import UUID

from app.identity.problems import AssuranceRequired, WrongRole
from app.kernel.actor import Actor, Assurance, Citizen, DeviceKind, Role, Staff, UnitDevice


class Scope(StrEnum):
    """Where a permission applies: at the units where the member of staff works, or in the whole agency."""

    UNIT = "unit"
    AGENCY = "agency"


class Action(StrEnum):
    """What only some roles may do."""

    ATTEND_PEOPLE = "people.attend"
    REFER_PEOPLE = "people.refer"
    RECORD_WITHDRAWALS = "withdrawals.record"
    MANAGE_SCHEDULES = "schedules.manage"
    WORK_REQUESTS = "requests.work"
    SUPERVISE_REQUESTS = "requests.supervise"
    READ_HELD_CERTIFICATES = "certificates.read-held"
    NOTIFY_PEOPLE = "notices.deliver"
    READ_MESSAGES = "messages.read"
    MANAGE_MESSAGE_TEXTS = "message-texts.manage"
    READ_ACCESS_LOG = "access-log.read"
    MANAGE_DEVICES = "devices.manage"
    MANAGE_DEAD_LETTERS = "dead-letters.manage"
    MANAGE_STAFF = "staff.manage"
    MANAGE_CLIENTS = "clients.manage"
    MANAGE_WEBHOOKS = "webhooks.manage"
    MANAGE_SAVINGS = "savings.manage"


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may do something, where, and what it is, for documentation."""

    roles: frozenset[Role]
    scope: Scope
    meaning: str


_DESK = frozenset({Role.RECEPTIONIST, Role.OFFICER, Role.SUPERVISOR, Role.ADMIN})
_OFFICERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMIN})
_SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
_ANALYSTS = frozenset({Role.ANALYST, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})

PERMISSIONS: dict[Action, Permission] = {
    Action.ATTEND_PEOPLE: Permission(
        _DESK,
        Scope.UNIT,
        "Act for a person at the counter or on the telephone: appointments, requests, certificates; confirm who they"
        " are, give a desk code.",
    ),
    Action.REFER_PEOPLE: Permission(_OFFICERS, Scope.UNIT, "Refer a person to a specialist."),
    Action.RECORD_WITHDRAWALS: Permission(_SUPERVISORS, Scope.UNIT, "Record a withdrawal that a fund paid."),
    Action.MANAGE_SCHEDULES: Permission(
        _SUPERVISORS, Scope.UNIT, "Open, correct, close and end schedules; days off; units out of operation."
    ),
    Action.WORK_REQUESTS: Permission(
        _OFFICERS,
        Scope.UNIT,
        "See the queue, take a request, examine its documents, write to the person, decide: one or many.",
    ),
    Action.SUPERVISE_REQUESTS: Permission(
        _SUPERVISORS,
        Scope.UNIT,
        "Assign and transfer requests, decide what needs a second person and what is under review.",
    ),
    Action.READ_HELD_CERTIFICATES: Permission(_OFFICERS, Scope.UNIT, "See certificates whose names can't be printed."),
    Action.NOTIFY_PEOPLE: Permission(
        _DESK, Scope.UNIT, "See whom no message could reach, and record that they were notified."
    ),
    Action.READ_MESSAGES: Permission(_ADMINS, Scope.AGENCY, "See the messages sent, and retry those that failed."),
    Action.MANAGE_MESSAGE_TEXTS: Permission(
        _ADMINS, Scope.AGENCY, "Change the texts of messages, send a test of them, restore earlier ones."
    ),
    Action.READ_ACCESS_LOG: Permission(_ADMINS, Scope.AGENCY, "See who saw whose data."),
    Action.MANAGE_DEVICES: Permission(
        _SUPERVISORS, Scope.UNIT, "Add the kiosks and boards of a unit, give them a pairing code, revoke them."
    ),
    Action.MANAGE_DEAD_LETTERS: Permission(_ADMINS, Scope.AGENCY, "See, retry and discard failed jobs and events."),
    Action.MANAGE_STAFF: Permission(_ADMINS, Scope.AGENCY, "Add staff, change their role and units, deactivate them."),
    Action.MANAGE_CLIENTS: Permission(
        _ADMINS, Scope.AGENCY, "Add clients, rotate their credentials, revoke them; revoke personal tokens of others."
    ),
    Action.MANAGE_WEBHOOKS: Permission(
        _ADMINS, Scope.AGENCY, "Subscribe other systems to events, rotate their secrets, send events again."
    ),
    Action.MANAGE_SAVINGS: Permission(
        _ANALYSTS, Scope.AGENCY, "See figures that aren't published, edit and publish parameters of the measurement."
    ),
}


def roles_for(action: Action) -> frozenset[Role]:
    """The roles that may do it."""
    return PERMISSIONS[action].roles


def may(actor: Actor, action: Action) -> TypeGuard[Staff]:
    """Whether the actor is staff whose role may do it."""
    return isinstance(actor, Staff) and actor.role in PERMISSIONS[action].roles


def may_at(actor: Actor, action: Action, unit_id: UUID | None) -> bool:
    """Whether the actor may do it at this unit; no one may at none."""
    return may(actor, action) and unit_id is not None and actor.works_at(unit_id)


def may_receive(actor: Actor, unit_id: UUID) -> TypeGuard[Staff | UnitDevice]:
    """Whether the actor may check people in at this unit and give them numbers: its staff, or a kiosk of it."""
    if isinstance(actor, UnitDevice):
        return actor.device_kind is DeviceKind.KIOSK and actor.unit_id == unit_id
    return may_at(actor, Action.ATTEND_PEOPLE, unit_id)


def require(actor: Staff, action: Action) -> None:
    """Require a role that may do it.

    Raises:
        WrongRole: the actor's role may not.
    """
    if not may(actor, action):
        raise WrongRole


def require_assurance(actor: Citizen, needed: Assurance = Assurance.FULL) -> None:
    """Require a level of assurance.

    Raises:
        AssuranceRequired: the actor's level is lower.
    """
    if not actor.assurance.reaches(needed):
        raise AssuranceRequired(extra={"assurance": actor.assurance.value, "required": needed.value})
