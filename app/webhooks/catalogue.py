"""Which events leave the portal, and which of their members: what isn't listed stays inside.

An event is listed when its subject is a thing (an appointment, a request, a ticket, a schedule), and a member when it
is an id, a folio, a code, a count, a time or a version. Nothing that names, reaches or describes a person leaves:
neither the person's id nor the actor's, nor their device, nor why a request was refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.appointments import events as appointments
from app.appointments import release_events as release
from app.certificates import events as certificates
from app.desk import events as desk
from app.kernel.events import DomainEvent
from app.kernel.i18n import N_
from app.requests import events as requests
from app.savings import events as savings

TEST = "webhook.test"
"""The type of the event that an administrator sends to try an endpoint."""

TIME = ("room", "start_at", "minutes")
AT_DESK = ("happened_at",)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event that leaves, and its members that do."""

    kind: type[DomainEvent]
    members: tuple[str, ...] = ()


def _listed(*outgoing: tuple[type[DomainEvent], tuple[str, ...]]) -> dict[str, Outgoing]:
    return {kind.type: Outgoing(kind, members) for kind, members in outgoing}


GROUPS: Mapping[str, Mapping[str, Outgoing]] = {
    N_("Citas"): _listed(
        (appointments.AppointmentBooked, ("folio", *TIME)),
        (appointments.AppointmentMoved, ("folio", *TIME, "from_room", "from_start_at", "version")),
        (appointments.AppointmentCancelled, ("folio", *TIME, "reason", "version")),
        (appointments.AppointmentConfirmed, ("folio", "start_at")),
        (appointments.AppointmentAffected, ("folio", *TIME, "reason", "version")),
        (appointments.AppointmentReinstated, ("folio", *TIME, "version")),
        (desk.AppointmentAttended, ("folio", "start_at")),
        (desk.AppointmentMissed, ("folio", "start_at")),
        (desk.AppointmentUnserved, ("folio", "start_at", "closed")),
    ),
    N_("Solicitudes"): _listed(
        (requests.RequestSubmitted, ("folio", "due_on")),
        (requests.RequestReferred, ("folio",)),
        (requests.RequestDecided, ("folio", "outcome", "straight_through")),
        (requests.ApprovalUndone, ("folio", "due_on")),
        (requests.InformationRequested, ("folio", "answer_by")),
        (requests.RequestAnswered, ("folio", "due_on")),
        (requests.RequestAppealed, ("folio", "due_on")),
        (requests.RequestLapsed, ("folio",)),
        (requests.RequestWithdrawn, ("folio",)),
        (requests.VisitInvited, ("folio", "appointment_folio", "answer_by")),
        (requests.VisitMoved, ("folio", "answer_by")),
        (requests.VisitCancelled, ("folio", "due_on")),
        (requests.VisitAttended, ("folio", "other_day", "due_on")),
        (requests.WorkTransferred, ("folio", "from_unit_id")),
        (requests.WorkEscalated, ("folio", "due_on")),
    ),
    N_("Constancias"): _listed(
        (certificates.CertificateIssued, ("request_id", "template", "language")),
        (certificates.CertificateSuperseded, ("template", "superseded_by")),
    ),
    N_("Mostrador"): _listed(
        (desk.TicketArrived, (*AT_DESK, "appointment_id", "walk_in")),
        (desk.TicketCalled, (*AT_DESK, "window")),
        (desk.TicketServed, AT_DESK),
        (desk.TicketTransferred, (*AT_DESK, "from_service")),
        (desk.TicketReturned, AT_DESK),
        (desk.TicketLeft, (*AT_DESK, "outcome")),
        (desk.CounterOpened, ("counter", "services")),
        (desk.CounterPaused, ("counter",)),
        (desk.CounterResumed, ("counter",)),
        (desk.CounterClosed, ("counter",)),
    ),
    N_("Agendas"): _listed(
        (appointments.ScheduleOpened, ("room", "shift", "valid_from")),
        (appointments.ScheduleChanged, ("room", "valid_to", "removed", "affected")),
        (appointments.ScheduleExceptionCreated, ("reason", "starts_at", "ends_at", "affected")),
        (appointments.ScheduleExceptionRemoved, ()),
        (appointments.HolidayAdded, ("on_date", "affected")),
        (appointments.HolidayRemoved, ("on_date",)),
        (appointments.SlotsGenerated, ("seats", "until")),
        (release.DrawOpened, ("room", "on_date", "seed_digest", "closes_at", "public_at")),
        (release.DrawDrawn, ("on_date", "seats", "registrations")),
        (release.DrawEnded, ("on_date", "taken")),
        (release.WaveReleased, ("room", "on_date", "wave", "seats", "released_at")),
    ),
    N_("Publicaciones"): _listed(
        (savings.BaselinePublished, ("version",)),
        (savings.ReportPublished, ("version",)),
    ),
}
CATALOGUE: Mapping[str, Outgoing] = {name: one for group in GROUPS.values() for name, one in group.items()}


def unknown_types(types: Iterable[str]) -> list[str]:
    """Return the types that don't leave the portal, or that don't exist."""
    return sorted(set(types) - CATALOGUE.keys())


def outgoing_members(name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what leaves of the payload of an event."""
    return {member: payload.get(member) for member in CATALOGUE[name].members}
