"""Appointments as iCalendar files (RFC 5545) that calendars follow: each is an iTIP message (RFC 5546), REQUEST for a
booked or moved appointment and CANCEL for a cancelled one, with a stable UID and an increasing SEQUENCE.

A file names no person: the attendee is an address only, and the appointment is described as on the person's own page.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Timezone, vCalAddress
from icalendar import Event as CalendarEvent

from app.appointments.labels import place_of, service_name
from app.kernel import clock
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
from app.kernel.parsing import without_unseen
from app.notifications.settings import messaging_settings
from app.places.settings import agency_settings

PRODUCT = "-//Ventanilla//Citas//ES"
EVENT = "BEGIN:VEVENT\r\n"
METHOD = "METHOD:"
REQUEST, CANCEL = "REQUEST", "CANCEL"
NOT_ATTENDED = N_("No habrá atención: %(service)s")
NOT_THEN = N_("La clínica no va a atender a esa hora.")
ALARMS = (timedelta(days=-1), timedelta(hours=-3))
ATTENDS = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
IN_AN_ADDRESS = "@!$'*+=/"
"""What an address may have beside letters and digits that a `mailto:` leaves as it is (RFC 6068)."""
NO_ADDRESS = "sin-correo.invalid"
"""Domain of attendees without an address: REQUEST needs one, and this domain can't exist (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An appointment as a calendar shows it. `version` counts its changes from 1. `affected`: the clinic won't attend
    then; it stands in the calendar, without alarms, until it is moved or cancelled."""

    appointment_id: UUID
    folio: str
    service: str
    room: int
    start_at: datetime
    minutes: int
    unit_name: str
    address: str | None
    timezone: str
    latitude: float | None
    longitude: float | None
    version: int
    changed_at: datetime
    cancelled: bool = False
    affected: bool = False


def calendar_file(entry: CalendarEntry, attendee: str | None) -> str:
    """Return the text of an `.ics` file in the current language, with the time zone of the unit.

    `attendee`: the address of the person whose calendar it is for; None: one that stands for the folio.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", CANCEL if entry.cancelled else REQUEST)
    calendar.add_component(_event(entry, attendee))
    text: bytes = calendar.to_ical()
    year = entry.start_at.astimezone(ZoneInfo(entry.timezone)).year
    return text.decode().replace(EVENT, _zone(entry.timezone, year) + EVENT, 1)


def _event(entry: CalendarEntry, attendee: str | None) -> CalendarEvent:
    zone = ZoneInfo(entry.timezone)
    event = CalendarEvent()
    event.add("uid", f"{entry.appointment_id}@ventanilla")
    event.add("dtstamp", clock.now())
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.version - 1)
    event.add("organizer", _organizer(), encode=False)
    event.add("attendee", _attendee(attendee or f"{entry.folio.lower()}@{NO_ADDRESS}"), encode=False)
    event.add("dtstart", entry.start_at.astimezone(zone))
    event.add("dtend", (entry.start_at + timedelta(minutes=entry.minutes)).astimezone(zone))
    event.add("summary", _summary(entry))
    event.add("location", ", ".join(_line(part) for part in (entry.unit_name, entry.address) if part))
    event.add("description", _description(entry))
    event.add("class", "PRIVATE")
    if entry.latitude is not None and entry.longitude is not None:
        event.add("geo", (entry.latitude, entry.longitude))
    takes_place = not entry.cancelled and not entry.affected
    event.add("status", "CANCELLED" if entry.cancelled else "TENTATIVE" if entry.affected else "CONFIRMED")
    event.add("transp", "OPAQUE" if takes_place else "TRANSPARENT")
    for before in ALARMS if takes_place else ():
        event.add_component(_alarm(entry, before))
    return event


def _summary(entry: CalendarEntry) -> str:
    service = service_name(entry.service)
    return _(NOT_ATTENDED) % {"service": service} if entry.affected else service


def _description(entry: CalendarEntry) -> str:
    place = place_of(entry.service, entry.room).lower()
    where = _("Folio %(folio)s, %(place)s.") % {"folio": entry.folio, "place": place}
    return f"{where} {_(NOT_THEN)}" if entry.affected else where


def method_of(calendar: str) -> str:
    """Return what a file asks calendars to do: that of its `METHOD`, which stands before the components."""
    lines = calendar.partition("\r\nBEGIN:V")[0].split("\r\n")
    return next(line.removeprefix(METHOD) for line in lines if line.startswith(METHOD))


def media_type_of(calendar: str) -> str:
    """Return the content type of a file, with its method as calendars expect it (RFC 6047)."""
    return f"text/calendar; method={method_of(calendar)}; charset=utf-8"


def _organizer() -> vCalAddress:
    """Return the agency, at the address from which its mail comes."""
    organizer = vCalAddress(_mailto(parseaddr(messaging_settings().mail_from)[1]))
    organizer.params["CN"] = _line(agency_settings().agency_name)
    return organizer


def _attendee(address: str) -> vCalAddress:
    """Return the attendee. Who asked for an appointment has accepted it, and calendars need not ask for an answer."""
    attendee = vCalAddress(_mailto(address))
    attendee.params.update(ATTENDS)
    return attendee


def _mailto(address: str) -> str:
    return f"mailto:{quote(address, safe=IN_AN_ADDRESS)}"


def _line(text: str) -> str:
    """Return a text on one line: characters of control would end a property, or open another. Without backslashes,
    which programs take for an escape where none is meant (the name of the organizer)."""
    return without_unseen(text).replace("\\", "/")


def _alarm(entry: CalendarEntry, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", service_name(entry.service))
    alarm.add("trigger", before)
    return alarm


@lru_cache
def _zone(name: str, year: int) -> str:
    """Return the VTIMEZONE component for appointments of a year: its clock changes, and those of the years beside it.
    Cached, since computing it takes milliseconds."""
    component = Timezone.from_tzid(name, first_date=date(year - 1, 1, 1), last_date=date(year + 2, 1, 1))
    component.pop("COMMENT", None)
    text: bytes = component.to_ical()
    return text.decode()
