"""Labels of the pages for the keys of packages: services, zones, shifts, statuses, kinship."""

from datetime import date, datetime, time

from babel.dates import format_date

from app.appointments.labels import (
    PLACES,
    asked_until,
    day_of,
    hour_of,
    place_kind,
    place_name,
    place_of,
    service_hint,
    service_name,
    until_of,
    zone_name,
)
from app.appointments.rules import has_own_doctor
from app.catalog.loader import is_answered
from app.kernel.actor import DeviceKind, Role
from app.kernel.clock import local_day, today
from app.kernel.i18n import LOCALES, N_, _, format_day, format_long_day, format_short_day, format_weekday, language
from app.registry.access_log import PROGRAM, REPRESENTATIVE, ViewContext
from app.requests.labels import (
    CHECK_OUTCOMES,
    DOCUMENT_STATES,
    MESSAGE_KINDS,
    REQUEST_EVENTS,
    REQUEST_STATES,
    action_words,
    state_words,
)
from app.web.request_labels import (
    CHECK_TAGS,
    DOCUMENT_TAGS,
    REQUEST_TAGS,
    ROLES,
    asking_words,
    check_stands,
    file_size,
    means_words,
    names_figures,
    refusal_document,
    refusal_sentence,
    silence_words,
    state_colour,
    uses_figures,
)
from app.web.staff_labels import (
    STAFF_CHECK_OUTCOMES,
    STAFF_DOCUMENT_STATES,
    STAFF_DOCUMENT_TAGS,
    STAFF_MESSAGE_KINDS,
    staff_state_words,
)

__all__ = [
    "CANCEL_REASONS",
    "CHECK_OUTCOMES",
    "CHECK_TAGS",
    "DOCUMENT_STATES",
    "DOCUMENT_TAGS",
    "EVENTS",
    "KINSHIP",
    "LANGUAGES",
    "MESSAGE_KINDS",
    "PLACES",
    "REBOOKING_ANSWERS",
    "REQUEST_EVENTS",
    "REQUEST_STATES",
    "REQUEST_TAGS",
    "RIGHTS_BY",
    "ROLES",
    "SHIFTS",
    "STAFF_CHECK_OUTCOMES",
    "STAFF_DOCUMENT_STATES",
    "STAFF_DOCUMENT_TAGS",
    "STAFF_MESSAGE_KINDS",
    "STATUSES",
    "STATUS_TAGS",
    "action_words",
    "appointment_day",
    "asked_until",
    "asking_words",
    "brief_day",
    "brief_day_of",
    "check_stands",
    "clock_hour",
    "day_of",
    "file_size",
    "hour_in",
    "hour_of",
    "is_answered",
    "label",
    "means_words",
    "names_figures",
    "place_kind",
    "place_name",
    "place_of",
    "recent_day",
    "recent_day_of",
    "recent_moment",
    "refusal_document",
    "refusal_sentence",
    "service_hint",
    "service_name",
    "silence_words",
    "staff_state_words",
    "state_colour",
    "state_words",
    "until_of",
    "uses_figures",
    "weekday",
    "zone_name",
]

SHIFTS = {"M": N_("matutino"), "V": N_("vespertino"), "N": N_("nocturno")}
STATUSES = {
    "booked": N_("Reservada"),
    "cancelled": N_("Cancelada"),
    "attended": N_("Atendida"),
    "missed": N_("No asistió"),
    "unserved": N_("No se atendió"),
}
STATUS_TAGS = {
    "booked": "govuk-tag--green",
    "cancelled": "govuk-tag--red",
    "missed": "govuk-tag--yellow",
    "unserved": "govuk-tag--orange",
}
KINSHIP = {
    "spouse": N_("cónyuge"),
    "civil-union": N_("pareja por unión civil"),
    "partner": N_("pareja"),
    "child": N_("hija o hijo"),
    "ward": N_("menor a su cuidado"),
    "parent": N_("madre o padre"),
    "mandate": N_("con su permiso"),
}
RIGHTS_BY = {
    "affiliated": N_("por trabajo"),
    "pensioner": N_("por una pensión"),
    "insured": N_("por el seguro de salud para la familia"),
    "conserved": N_("conservados después del trabajo"),
}
LANGUAGES = {"es": N_("español"), "en": N_("inglés")}
CANCEL_REASONS = {
    "better": N_("Ya me siento bien o ya no la necesito"),
    "another-time": N_("No puedo a esa hora"),
    "no-transport": N_("No tengo cómo llegar"),
    "other": N_("Otro motivo"),
}
EVENTS = {
    "appointment.booked": N_("Cita reservada"),
    "appointment.moved": N_("Cita movida a otro horario"),
    "appointment.cancelled": N_("Cita cancelada"),
    "appointment.confirmed": N_("Confirmó que va"),
    "appointment.affected": N_("La clínica avisó que no atenderá a esa hora"),
    "appointment.reinstated": N_("La clínica sí atenderá: la cita sigue en pie"),
}


AFFECTED = {
    "holiday": N_("Ese día la clínica no atiende: es inhábil."),
    "leave": N_("Su médico no atenderá a esa hora."),
    "training": N_("No se atenderá a esa hora: el personal está en capacitación."),
    "maintenance": N_("No se atenderá a esa hora: el lugar está en mantenimiento."),
    "emergency": N_("La clínica no puede atender a esa hora por una emergencia."),
    "schedule": N_("Cambió el horario y ya no se atiende a esa hora."),
    "unit": N_("La clínica está fuera de operación."),
}
NOT_THE_DOCTOR = N_("Quien atiende no estará a esa hora.")


def affected_words(affected: str, service: str) -> str:
    """Why an appointment isn't attended: a window, a dentist or a nurse is no doctor of the person's own."""
    if affected == "leave" and not has_own_doctor(service):
        return _(NOT_THE_DOCTOR)
    return label(AFFECTED, affected)


REBOOKING_ANSWERS = {
    "accepted": N_("Aceptó el horario guardado"),
    "other-time": N_("Eligió otro horario"),
    "cancelled": N_("Canceló la cita"),
    "withdrawn": N_("Se retiró: la cita sigue en pie o se le ofreció otro horario"),
}


def clock_hour(hour: time) -> str:
    """A time of the week's pattern, as people say it."""
    suffix = ("a.m.", "p.m.") if language() == "es" else ("AM", "PM")
    return f"{(hour.hour - 1) % 12 + 1}:{hour.minute:02d} {suffix[hour.hour >= 12]}"


def weekday(day: int) -> str:
    """The name of an ISO weekday."""
    return format_weekday(day)


def hour_in(moment: datetime, zone: str, is_named: bool = True) -> str:
    """The time by the clock of the place, with the name of that clock beside it where a list may have several."""
    return f"{hour_of(moment, zone)} ({zone_name(zone)})" if is_named else hour_of(moment, zone)


def brief_day(day: date) -> str:
    """A day in a narrow column: «28 nov 2026»."""
    return format_date(day, format="d MMM y" if language() == "es" else "MMM d, y", locale=LOCALES[language()])


def recent_day(day: date, zone: str) -> str:
    """A day near today in a narrow column: «28 nov»; with its year where that is another one."""
    if day.year != today(zone).year:
        return brief_day(day)
    return format_date(day, format="d MMM" if language() == "es" else "MMM d", locale=LOCALES[language()])


def recent_moment(moment: datetime, zone: str) -> str:
    """When something of these weeks happened, by the clock of the place: «28 de noviembre, 2:05 p.m.»; with its year
    where that is another one."""
    day = local_day(moment, zone)
    if day.year != today(zone).year:
        return f"{format_long_day(day)}, {hour_of(moment, zone)}"
    pattern = "d 'de' MMMM" if language() == "es" else "MMMM d"
    return f"{format_date(day, format=pattern, locale=LOCALES[language()])}, {hour_of(moment, zone)}"


def recent_day_of(moment: datetime, zone: str) -> str:
    """The day of something that happened, in a narrow column, by the clock of the place."""
    return recent_day(local_day(moment, zone), zone)


def appointment_day(moment: datetime, zone: str) -> str:
    """The day of an appointment, which is soon: «lunes 30 de noviembre»; with its year where that is another one."""
    day = local_day(moment, zone)
    return format_short_day(day) if day.year == today(zone).year else format_day(day)


def brief_day_of(moment: datetime, zone: str) -> str:
    """The day of a narrow column, by the clock of the place."""
    return brief_day(local_day(moment, zone))


def label(table: dict[str, str], key: str) -> str:
    """Return the label of a key of one of the tables above; the key itself when there is none."""
    return _(table[key]) if key in table else key


STAFF_ROLES: dict[str, str] = {
    Role.RECEPTIONIST: N_("Recepción"),
    Role.OFFICER: N_("Oficialía"),
    Role.SUPERVISOR: N_("Supervisión"),
    Role.ANALYST: N_("Análisis"),
    Role.ADMIN: N_("Administración"),
}
DEVICE_KINDS: dict[str, str] = {
    DeviceKind.KIOSK: N_("Quiosco: registra llegadas y da turnos"),
    DeviceKind.BOARD: N_("Pantalla de la sala de espera"),
}
READER_ROLES = STAFF_ROLES | {
    REPRESENTATIVE: N_("Quien actúa por la persona"),
    PROGRAM: N_("Un programa de otro sistema"),
}
CONTEXTS: dict[str, str] = {
    ViewContext.CASE: N_("una solicitud"),
    ViewContext.DOCUMENT: N_("un documento"),
    ViewContext.LIST: N_("una lista de solicitudes"),
    ViewContext.SEARCH: N_("el nombre y la CURP, en el resultado de una búsqueda"),
    ViewContext.PERSON: N_("la página de la persona: contacto, derechos, familia, trámites y citas"),
    ViewContext.RELATED: N_("el nombre, en la página de un familiar o de alguien con permiso"),
    ViewContext.DESK: N_("la recepción o la ventanilla: citas y turnos del día"),
    ViewContext.DESK_CODE: N_("el nombre, al dar un código para entrar"),
    ViewContext.CERTIFICATE: N_("una constancia"),
    ViewContext.NOTICE: N_("un aviso que ningún mensaje podía llevar"),
    ViewContext.MESSAGE: N_("un mensaje que no llegó"),
    ViewContext.APPOINTMENT: N_("una cita"),
    ViewContext.ACCESS_LOG: N_("el registro de quién vio los datos"),
    ViewContext.ASSISTANCE: N_("lo que hizo por la persona, en la ventanilla o por teléfono"),
}
