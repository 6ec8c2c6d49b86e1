"""What messages say: plain words, the day by the clinic's own clock, what to do next."""

from dataclasses import dataclass
from datetime import datetime

from app.appointments.words import day_of, hour_of, service_name, zone_name
from app.kernel.i18n import N_, use_language
from app.kernel.i18n import gettext as _
from app.notifications.calendars import CalendarEntry
from app.notifications.gsm import one_part

EMAIL, SMS = "email", "sms"
BOOKED, MOVED, CANCELLED = "appointment.booked", "appointment.moved", "appointment.cancelled"
CODE = "code.requested"
SUBJECTS = {
    BOOKED: N_("Cita confirmada: %(day)s, %(hour)s"),
    MOVED: N_("Su cita cambió: %(day)s, %(hour)s"),
    CANCELLED: N_("Cita cancelada: %(day)s, %(hour)s"),
}
OPENINGS = {
    BOOKED: N_("La cita quedó reservada."),
    MOVED: N_("La cita tiene un horario nuevo. El anterior ya no vale."),
    CANCELLED: N_("La cita quedó cancelada. No hace falta que vaya."),
}
# A text message shows on a locked screen: no service, which may tell an illness, and no name.
SHORT = {
    BOOKED: N_("Cita confirmada: %(day)s %(hour)s, %(unit)s, consultorio %(room)s. Folio %(folio)s"),
    MOVED: N_("Su cita cambió: %(day)s %(hour)s, %(unit)s, consultorio %(room)s. Folio %(folio)s"),
    CANCELLED: N_("Cita cancelada: %(day)s %(hour)s, %(unit)s. Folio %(folio)s"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words."""

    subject: str
    body: str
    link: str | None = None


def about_appointment(kind: str, entry: CalendarEntry, *, for_name: str, channel: str, url: str) -> Written:
    """The message of an appointment made, moved or cancelled."""
    day, hour = day_of(entry.start_at, entry.timezone), hour_of(entry.start_at, entry.timezone)
    service = service_name(entry.service)
    values = {
        "service": service,
        "day": day,
        "hour": hour,
        "unit": entry.unit_name,
        "room": entry.room,
        "folio": entry.folio,
    }
    subject = _(SUBJECTS[kind]) % values
    if channel == SMS:
        text = one_part(_(SHORT[kind]) % values, [entry.unit_name, day])
        return Written(subject, text, url)
    lines = [
        _(OPENINGS[kind]),
        "",
        _("Para: %(name)s") % {"name": for_name},
        _("Motivo: %(service)s") % values,
        _("Día: %(day)s") % values,
        _("Hora: %(hour)s (%(zone)s)") % (values | {"zone": zone_name(entry.timezone)}),
        _("Lugar: %(place)s") % {"place": ", ".join(part for part in (entry.unit_name, entry.address) if part)},
        _("Consultorio: %(room)s") % values,
        _("Folio: %(folio)s") % values,
        "",
        *_what_next(kind, url),
    ]
    return Written(subject, "\n".join(lines), url)


def _what_next(kind: str, url: str) -> list[str]:
    if kind == CANCELLED:
        return [_("Si todavía necesita atención, reserve otra cita aquí:"), url]
    return [
        _("Llegue 15 minutos antes con una identificación. Si no puede ir, muévala o cancélela aquí:"),
        url,
    ]


def about_code(code: str, *, link: str, expires_at: datetime, zone: str, channel: str, language: str) -> Written:
    """The message of a one-time code. The code comes first: telephones show the beginning and can copy it."""
    with use_language(language):
        subject = _("%(code)s es su código para entrar") % {"code": code}
        until = hour_of(expires_at, zone)
        if channel == SMS:
            text = _("%(code)s es su código. No lo comparta: nadie de la agencia se lo pedirá.") % {"code": code}
            return Written(subject, one_part(text, []), link)
        lines = [
            _("Su código: %(code)s") % {"code": code},
            _("Vale hasta las %(hour)s (%(zone)s), una sola vez.") % {"hour": until, "zone": zone_name(zone)},
            "",
            _("O abra este enlace en el mismo teléfono o computadora en que lo pidió:"),
            link,
            "",
            _("No lo comparta: nadie de la agencia se lo pedirá. Si usted no lo pidió, no haga nada."),
        ]
        return Written(subject, "\n".join(lines), link)
