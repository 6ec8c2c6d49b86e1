"""Calendar files are iTIP messages that calendar programs read and follow, in any zone and with any name in them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from app.kernel.i18n import use_language
from app.kernel.parsing import without_unseen
from app.kernel.settings import forget_settings
from app.notifications.calendars import CalendarEntry, calendar_file, media_type_of, method_of
from app.notifications.composers.notices import MessageText
from app.notifications.models import Message
from app.notifications.settings import MessagingSettings
from app.notifications.transport import mail_of

ENTRY = CalendarEntry(
    appointment_id=UUID(int=7),
    folio="C-JSRNS-CWA8F-6",
    service="family-medicine",
    room=3,
    start_at=datetime(2026, 12, 4, 15, tzinfo=UTC),
    minutes=15,
    unit_name="UMF 9 Cuauhtémoc",
    address="Calle Ejemplo 9, Colonia Centro",
    timezone="America/Mexico_City",
    latitude=19.42,
    longitude=-99.16,
    version=3,
    changed_at=datetime(2026, 11, 30, 8, tzinfo=UTC),
)
ANA = "ana@ejemplo.mx"
PROPERTIES = {
    *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND", "SUMMARY"),
    *("LOCATION", "DESCRIPTION", "CLASS", "GEO", "STATUS", "TRANSP"),
}
ZONES = ["America/Tijuana", "America/Mexico_City", "America/Ojinaga", "America/Cancun", "America/Hermosillo"]


def event_of(text: str) -> Any:
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


@pytest.fixture
def agency(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings of this agency: its name, and the sender of its mail."""

    def configure(name: str, sender: str = "Citas <citas@ejemplo.gob.mx>") -> None:
        monkeypatch.setenv("VENTANILLA_AGENCY_NAME", name)
        monkeypatch.setenv("VENTANILLA_MAIL_FROM", sender)
        forget_settings()

    yield configure
    monkeypatch.undo()
    forget_settings()


def test_a_booked_appointment_is_a_request_of_the_agency_to_the_person(agency: Any) -> None:
    agency("Instituto del Seguro, «La Ñ»")
    text = calendar_file(ENTRY, ANA)
    event = event_of(text)
    assert method_of(text) == Calendar.from_ical(text)["method"] == "REQUEST"
    assert (event["organizer"], event["organizer"].params) == (
        "mailto:citas@ejemplo.gob.mx",
        {"CN": "Instituto del Seguro, «La Ñ»"},
    )
    answer = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    assert (event["attendee"], event["attendee"].params) == ("mailto:ana@ejemplo.mx", answer)
    assert (event["uid"], event["sequence"]) == (f"{ENTRY.appointment_id}@ventanilla", 2)
    assert (event["status"], event["transp"], event["class"]) == ("CONFIRMED", "OPAQUE", "PRIVATE")
    assert event.decoded("dtstart") == ENTRY.start_at
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=15)
    assert [alarm.decoded("trigger") for alarm in event.walk("VALARM")] == [timedelta(days=-1), timedelta(hours=-3)]


def test_a_cancelled_one_takes_it_out_of_the_same_calendar() -> None:
    before, after = calendar_file(ENTRY, ANA), calendar_file(replace(ENTRY, version=4, cancelled=True), ANA)
    was, event = event_of(before), event_of(after)
    assert method_of(after) == "CANCEL"
    assert [event[name] for name in ("uid", "organizer", "attendee")] == [
        was[name] for name in ("uid", "organizer", "attendee")
    ]
    assert (event["sequence"], event["status"], event["transp"]) == (3, "CANCELLED", "TRANSPARENT")
    assert event.walk("VALARM") == []


def test_one_that_the_clinic_wont_attend_says_so_and_rings_no_alarm() -> None:
    text = calendar_file(replace(ENTRY, affected=True), ANA)
    event = event_of(text)
    assert (method_of(text), event["status"], event["transp"]) == ("REQUEST", "TENTATIVE", "TRANSPARENT")
    assert (str(event["summary"]), event.walk("VALARM")) == ("No habrá atención: Medicina familiar", [])
    assert "La clínica no va a atender a esa hora." in event["description"]
    with use_language("en"):
        assert str(event_of(calendar_file(replace(ENTRY, affected=True), ANA))["summary"]).startswith("Will not")


def test_without_an_address_the_attendee_stands_for_the_folio_and_can_get_no_mail() -> None:
    event = event_of(calendar_file(ENTRY, None))
    assert event["attendee"] == "mailto:c-jsrns-cwa8f-6@sin-correo.invalid"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("o'neil+citas@ejemplo.mx", "mailto:o'neil+citas@ejemplo.mx"),
        ("a%b?bcc=otro@ejemplo.mx", "mailto:a%25b%3Fbcc=otro@ejemplo.mx"),
        ('"a;b"@ejemplo.mx', "mailto:%22a%3Bb%22@ejemplo.mx"),
    ],
)
def test_an_address_is_one_address_whatever_is_in_it(address: str, written: str) -> None:
    assert event_of(calendar_file(ENTRY, address))["attendee"] == written


LINES = st.text(alphabet=st.sampled_from("añÑ語😀\u0301 ,;:\"^\\'\r\n\t\x0b\x00\x85\u2028BEGIN:VALARM"), max_size=120)


def one_line(text: str) -> str:
    """A name as it is shown."""
    return without_unseen(text).replace("\\", "/")


@given(name=LINES, place=LINES)
def test_names_are_text_and_nothing_else_in_lines_of_75_octets(name: str, place: str) -> None:
    entry = replace(ENTRY, unit_name=name, address=place)
    text = calendar_file(entry, ANA)
    event = event_of(text)
    assert str(event["location"]) == ", ".join(one_line(part) for part in (name, place) if part)
    assert set(event.keys()) == PROPERTIES
    assert len(event.walk("VALARM")) == 2
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is cut in two
        assert not re.search(rb"[\x00-\x08\x0a-\x1f]", line)


@given(name=LINES)
def test_the_name_of_the_organizer_is_a_parameter_and_nothing_else(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VENTANILLA_AGENCY_NAME", name.replace("\0", "") or "A")
        forget_settings()
        event = event_of(calendar_file(ENTRY, ANA))
    forget_settings()
    assert event["organizer"] == "mailto:no-responder@localhost"
    assert event["organizer"].params == {"CN": one_line(name.replace("\0", "") or "A")}
    assert set(event.keys()) == PROPERTIES


@given(zone=st.sampled_from(ZONES), hours=st.integers(0, 13 * 8766))
def test_the_zone_in_the_file_is_that_of_the_unit_on_that_day(zone: str, hours: int) -> None:
    start = datetime(2021, 2, 1, tzinfo=UTC) + timedelta(hours=hours)
    text = calendar_file(replace(ENTRY, start_at=start, timezone=zone), ANA)
    (component,) = Calendar.from_ical(text).walk("VTIMEZONE")
    assert isinstance(component, Timezone)
    described = component.to_tz(lookup_tzid=False)
    for moment in (start + timedelta(days=step) for step in range(-30, 31, 5)):
        local = moment.astimezone(ZoneInfo(zone))
        if local.fold == 0 and (local + timedelta(hours=2)).fold == 0:  # the hour that comes twice has one name
            assert local.replace(tzinfo=described).utcoffset() == local.utcoffset(), moment
    assert event_of(text).decoded("dtstart") == start


def test_tijuana_changes_its_clock_and_mexico_city_no_longer_does() -> None:
    changes = {
        zone: [str(one.decoded("dtstart")) for one in Calendar.from_ical(text).walk("DAYLIGHT")]
        for zone in ("America/Tijuana", "America/Mexico_City")
        for text in [calendar_file(replace(ENTRY, timezone=zone), ANA)]
    }
    assert changes == {"America/Tijuana": ["2025-03-09 03:00:00"], "America/Mexico_City": []}


def test_the_method_is_read_from_its_property_not_from_a_text() -> None:
    text = calendar_file(replace(ENTRY, unit_name="METHOD:CANCEL", address="METHOD:CANCEL"), ANA)
    assert media_type_of(text) == "text/calendar; method=REQUEST; charset=utf-8"


def sent(calendar: str | None) -> EmailMessage:
    """The mail as it arrives."""
    message = Message(
        id=UUID(int=1), recipient=ANA, subject="Cita confirmada: miércoles", language="es", calendar=calendar
    )
    body = "La cita quedó reservada."
    content = MessageText("Cita confirmada: miércoles", body, "appointment.booked", html=f"<p>{body}</p>")
    mail = mail_of(message, content, "Citas <citas@ejemplo.gob.mx>")
    arrived = message_from_bytes(mail.as_bytes(policy=SMTP), policy=default)
    assert isinstance(arrived, EmailMessage)
    assert not arrived.defects
    return arrived


@pytest.mark.parametrize(("cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_the_mail_has_the_file_beside_its_text_and_attached(cancelled: bool, method: str) -> None:
    text = calendar_file(replace(ENTRY, cancelled=cancelled), ANA)
    mail = sent(text)
    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"),
    ]
    _mixed, _forms, plain, _html, calendar, attached = mail.walk()
    assert plain.get_content().strip() == "La cita quedó reservada."
    parameters = calendar["content-type"].params
    assert (parameters["method"], parameters["charset"].lower()) == (method, "utf-8")
    assert calendar.get_content_disposition() is None, "a form of the text, not a file"
    assert calendar.get_payload(decode=True) == attached.get_payload(decode=True) == text.encode()
    assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "cita.ics")
    assert mail["Content-Language"] == "es"


def test_a_mail_without_a_file_is_text_in_two_forms_with_its_accents() -> None:
    mail = sent(None)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert mail["Subject"] == "Cita confirmada: miércoles"
    assert [part.get_content().strip() for part in list(mail.walk())[1:]] == [
        "La cita quedó reservada.",
        "<p>La cita quedó reservada.</p>",
    ]


@pytest.mark.parametrize("sender", ["Citas", "", "Citas <citas>", "Citas <citas@ejemplo.mx>\nBcc: otro@ejemplo.mx"])
def test_a_sender_without_an_address_is_refused_when_it_is_set(sender: str) -> None:
    with pytest.raises(ValueError, match="must be a name and an address"):
        MessagingSettings(mail_from=sender)
