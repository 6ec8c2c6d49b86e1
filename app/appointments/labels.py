"""What people call services, clocks and times: the words that pages and messages share."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Protocol

from app.kernel.clock import local_day
from app.kernel.i18n import N_, _, at_hour, format_clock, format_day, format_hour, format_long_day, format_weekday

SERVICES = {
    "family-medicine": N_("Medicina familiar"),
    "dental": N_("Dentista"),
    "preventive": N_("Revisión preventiva (PrevenIMSS)"),
    "window": N_("Ventanilla de trámites"),
}
SERVICE_HINTS = {
    "family-medicine": N_("Consulta con su médico, recetas y pases a especialista."),
    "dental": N_("Revisión, limpieza o dolor de dientes."),
    "preventive": N_("Vacunas, detecciones y orientación. Una vez al año."),
    "window": N_("Altas, credencial y otros asuntos en persona."),
}
SPECIALTIES = {
    "cardiology": N_("Cardiología"),
    "dermatology": N_("Dermatología"),
    "gynaecology": N_("Ginecología"),
    "internal-medicine": N_("Medicina interna"),
    "ophthalmology": N_("Oftalmología"),
    "orthopaedics": N_("Traumatología y ortopedia"),
    "paediatrics": N_("Pediatría"),
    "psychiatry": N_("Psiquiatría"),
    "surgery": N_("Cirugía"),
    "urology": N_("Urología"),
}
PLACES = {
    "window": N_("Ventanilla"),
    "consulting": N_("Consultorio"),
    "dental": N_("Consultorio"),
    "preventive": N_("Módulo"),
    "specialist": N_("Consultorio"),
}
"""Where people are attended, by the kind of room: never the name of a room, which may say for what one comes."""
# The zone data names these by offsets and standards that no one says aloud.
ZONES = {
    "America/Mexico_City": N_("hora del centro de México"),
    "America/Merida": N_("hora del centro de México"),
    "America/Monterrey": N_("hora del centro de México"),
    "America/Bahia_Banderas": N_("hora del centro de México"),
    "America/Chihuahua": N_("hora de Chihuahua"),
    "America/Cancun": N_("hora de Quintana Roo"),
    "America/Hermosillo": N_("hora de Sonora"),
    "America/Mazatlan": N_("hora del Pacífico"),
    "America/Tijuana": N_("hora de Baja California"),
    "America/Ciudad_Juarez": N_("hora de Ciudad Juárez"),
    "America/Ojinaga": N_("hora de la frontera"),
    "America/Matamoros": N_("hora de la frontera"),
}


def service_name(service: str) -> str:
    """What people call a service."""
    if service in SERVICES:
        return _(SERVICES[service])
    specialty = service.removeprefix("specialist-")
    name = _(SPECIALTIES[specialty]) if specialty in SPECIALTIES else specialty.replace("-", " ").capitalize()
    return _("Especialista: %(specialty)s") % {"specialty": name}


def place_kind(service: str) -> str:
    """The kind of room that attends a service, in words: «Ventanilla»."""
    return _(PLACES.get(service, PLACES["consulting"]))


def place_name(kind: str | None, number: int) -> str:
    """The one name of a place, on boards, slips, pages and messages: its kind and its number, «Ventanilla 301»."""
    return f"{_(PLACES.get(kind or '', PLACES['window']))} {number}"


def place_of(service: str, number: int) -> str:
    """The same, where it is known what one goes there for: each service is attended in rooms of one kind."""
    return f"{place_kind(service)} {number}"


def service_hint(service: str) -> str:
    """One line on what a service is for."""
    return _(SERVICE_HINTS[service]) if service in SERVICE_HINTS else _("Con el pase de su médico familiar.")


def zone_name(zone: str) -> str:
    """What people call the clock of a place."""
    return _(ZONES[zone]) if zone in ZONES else zone


def day_of(moment: datetime, zone: str) -> str:
    """The day, by the clock of the place."""
    return format_day(local_day(moment, zone))


def hour_of(moment: datetime, zone: str) -> str:
    """The time, by the clock of the place."""
    return format_hour(moment, zone)


def until_of(moment: datetime, zone: str) -> str:
    """The time with its article, as after «hasta»: «la 1:57 p.m.», «las 2:05 p.m.»."""
    return at_hour(hour_of(moment, zone))


ASKED_UNTIL = N_("Conteste antes de %(hour)s del %(day)s; si no, le llamaremos, o pregunte en su clínica.")


def asked_until(deadline: datetime, zone: str) -> str:
    """By when a person is asked to answer which time they take instead of one that isn't attended."""
    return _(ASKED_UNTIL) % {"hour": until_of(deadline, zone), "day": day_of(deadline, zone)}


class Weekly(Protocol):
    """A weekly pattern: ISO weekdays, hours as minutes after midnight, first and last day."""

    @property
    def weekdays(self) -> Collection[int]: ...
    @property
    def starts(self) -> int: ...
    @property
    def ends(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


def pattern_in_words(pattern: Weekly) -> str:
    """«lunes, martes y viernes de 8:00 a.m. a 2:00 p.m., desde el 1 de diciembre de 2026»."""
    days = [format_weekday(day) for day in sorted(pattern.weekdays)]
    weekdays_text = " ".join([", ".join(days[:-1]), _("y"), days[-1]]) if len(days) > 1 else days[0]
    hours = [format_clock(time(minutes // 60 % 24, minutes % 60)) for minutes in (pattern.starts, pattern.ends)]
    values = {"days": weekdays_text, "starts": hours[0], "ends": hours[1], "first": format_long_day(pattern.valid_from)}
    if pattern.valid_to is None:
        return _("%(days)s de %(starts)s a %(ends)s, desde el %(first)s") % values
    values["last"] = format_long_day(pattern.valid_to)
    return _("%(days)s de %(starts)s a %(ends)s, del %(first)s al %(last)s") % values
