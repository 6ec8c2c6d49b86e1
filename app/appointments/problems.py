"""Problems of appointments: each names its rule and what the person can do instead."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from app.appointments.labels import pattern_in_words, place_of, service_name
from app.kernel.i18n import N_, format_day
from app.kernel.problems import Conflict, FieldError, Forbidden, Gone, Invalid, map_constraint

if TYPE_CHECKING:
    from app.appointments.rules import Pattern


class NotInForce(Conflict):
    """The person's rights are not in force on the day of the appointment."""

    slug = "not-in-force"
    title = N_("Su derecho no está vigente ese día")
    detail = N_("Para dar la cita, la afiliación debe estar vigente el día de la consulta.")
    next_step = N_("Revise su vigencia en línea; si no es correcta, acuda a la ventanilla de afiliación de su clínica.")


class NotYourUnit(Conflict):
    """The service is given only at the unit the person is assigned to."""

    slug = "not-your-unit"
    title = N_("Esa no es la clínica que le toca")
    detail = N_("Este servicio se da en la clínica donde usted está adscrito.")
    next_step = N_("Elija un horario de su clínica, o cambie de clínica si se mudó.")


class NoUnitYet(NotYourUnit):
    """The person isn't assigned to any unit, and the service is given only at their own."""

    slug = "no-unit-yet"
    title = N_("Todavía no tiene clínica")
    next_step = N_(
        "Pídala en «Trámites», en el registro en una clínica; ahí mismo se pide el número de seguridad social, si no lo"
        " tiene. También se asigna en la ventanilla de afiliación de la clínica más cercana."
    )


class AlreadyBooked(Conflict):
    """The person already has an appointment open in this service."""

    slug = "already-booked"
    title = N_("Ya tiene una cita de este servicio")
    detail = N_("Sólo puede haber una cita pendiente por persona y servicio.")
    next_step = N_("Puede mover o cancelar la cita que ya tiene.")


class OfferOver(Conflict):
    """The time that was offered instead isn't held any more: it was answered, its deadline is over, or its cause was
    removed. `alternatives` are the nearest free times."""

    slug = "offer-over"
    title = N_("Ese horario ya no está guardado para usted")
    detail = N_("Ya se contestó, se acabó el plazo, o la clínica sí va a atender su cita.")
    next_step = N_("Vea su cita: ahí dice cómo está y qué otros horarios hay.")


class PreviewOutdated(Conflict):
    """What the preview showed has changed: nothing was done. `digest` is that of a preview made now."""

    slug = "preview-outdated"
    title = N_("Cambió a quién afecta o a dónde se movería")
    detail = N_("No se hizo nada.")
    next_step = N_("Revise otra vez a quién afecta y confírmelo.")


class FeedbackClosed(Conflict):
    """The feedback window has closed."""

    slug = "feedback-closed"
    title = N_("Ya pasó el tiempo para opinar")
    detail = N_("Recibimos su opinión hasta 30 días después de reservar, mover o cancelar la cita.")
    next_step = N_("Si quiere decirnos algo, escríbalo en una queja o sugerencia.")


class TooSoon(Conflict):
    """The time is too near to be booked online."""

    slug = "too-soon"
    title = N_("Ese horario está demasiado cerca")
    detail = N_("En línea se puede reservar hasta %(minutes)s minutos antes.")
    next_step = N_("Elija un horario más tarde, o acuda sin cita a su clínica.")


class TooFar(Conflict):
    """The day can't be booked yet: `last` is the last one that can."""

    slug = "too-far"
    title = N_("Ese día todavía no se puede reservar")
    detail = N_("Se puede reservar con hasta %(days)s días de anticipación: ahora, hasta el %(last_day)s.")
    next_step = N_("Elija un día más cercano; cada día se abre uno nuevo.")

    def __init__(self, *, last: date | None = None, **given: Any) -> None:
        super().__init__(**given)
        self.last = last

    def _fill(self, text: str) -> str:
        if self.last is not None:
            self.values |= {"last_day": format_day(self.last)}
        return super()._fill(text)


class DailyLimit(Conflict):
    """The person already has an appointment of this service that day."""

    slug = "daily-limit"
    title = N_("Ya tuvo una cita de este servicio ese día")
    detail = N_("El límite es de %(limit)s por día.")
    next_step = N_("Elija otro día.")


class SameTime(Conflict):
    """The person has another appointment, in whatever service, at that time."""

    slug = "same-time"
    title = N_("Ya tiene otra cita a esa hora")
    detail = N_("La persona no puede estar en dos citas a la vez.")
    next_step = N_("Elija otra hora, o mueva antes la otra cita.")


class UnitNotOperating(Conflict):
    """The unit is out of operation: it gives no appointments."""

    slug = "unit-not-operating"
    title = N_("Esa clínica está fuera de operación")
    detail = N_("Por ahora no da citas.")
    next_step = N_(
        "Si es la suya, pida el cambio de clínica en línea, o pregunte por teléfono en cuál lo atienden mientras tanto."
    )


class PreventiveOncePerYear(Conflict):
    """The preventive check is given once a year: `last` is the day of the last one, `first` that of the next."""

    slug = "preventive-once-a-year"
    title = N_("La revisión preventiva es una vez al año")
    detail = N_("La última es del %(last_day)s; la siguiente puede ser desde el %(first_day)s.")
    next_step = N_("Elija un día desde esa fecha. Si tiene una molestia, pida una cita de medicina familiar.")

    def __init__(self, *, last: date, first: date, **given: Any) -> None:
        super().__init__(**given)
        self.last, self.first = last, first

    def _fill(self, text: str) -> str:
        self.values |= {"last_day": format_day(self.last), "first_day": format_day(self.first)}
        return super()._fill(text)


class ReferralRequired(Conflict):
    """A specialist sees only people with a referral in force for that service and unit."""

    slug = "referral-required"
    title = N_("Hace falta un pase de su médico familiar")
    detail = N_("No encontramos un pase vigente para esa especialidad en esa unidad.")
    next_step = N_("Pida una cita de medicina familiar para solicitar el pase.")


class SlotTaken(Conflict):
    """The slot is unavailable: taken, within its release delay, or closed. `alternatives` lists the nearest ones."""

    slug = "slot-taken"
    title = N_("Ese horario ya no está libre")
    detail = N_("Otra persona lo tomó, o la agenda cambió.")
    next_step = N_("Elija uno de los horarios cercanos que siguen libres.")


class HoldExpired(Gone):
    """The hold expired."""

    slug = "hold-expired"
    title = N_("Se acabó el tiempo para confirmar")
    detail = N_("El horario se guardó unos minutos y ya se soltó.")
    next_step = N_("Elija otra vez; sus datos siguen aquí.")


class HoldConflict(Conflict):
    """The same person requested two holds at once; only one is granted."""

    slug = "hold-conflict"
    title = N_("Pidió dos horarios a la vez")
    detail = ""
    next_step = N_("Inténtelo otra vez con uno solo.")


class CancelTooLate(Conflict):
    """The appointment is too near to be cancelled or moved online."""

    slug = "cancel-too-late"
    title = N_("Ya es tarde para cancelar o mover la cita en línea")
    detail = N_("Se puede hasta %(minutes)s minutos antes.")
    next_step = N_("Llame a su clínica para avisar que no podrá ir.")

    @classmethod
    def of(cls, minutes: int) -> Self:
        """With the minutes before it until which it could be changed; 0 for staff, who can until it begins."""
        extra = {"rule": "cancel-until"}
        if minutes >= 120 and minutes % 60 == 0:
            return cls(detail=N_("Se puede hasta %(hours)s horas antes."), hours=minutes // 60, extra=extra)
        if minutes:
            return cls(minutes=minutes, extra=extra)
        begun, instead = N_("La hora de la cita ya pasó."), N_("Anote si la persona llegó o no.")
        return cls(detail=begun, next_step=instead, extra=extra)


class AppointmentEnded(Conflict):
    """The appointment has ended: it can't be moved or cancelled any more."""

    slug = "appointment-ended"
    title = N_("Esa cita ya terminó")
    detail = N_("Está cancelada o ya pasó.")
    next_step = N_("Si necesita otra, reserve una nueva.")


class ServiceUnknown(Invalid):
    """There is no such service."""

    slug = "service-unknown"
    title = N_("Ese servicio no existe")
    next_step = N_("Elija uno de los servicios de la lista.")


class UnitNotManaged(Forbidden):
    """A member of staff may only work on the units they are assigned to."""

    slug = "unit-not-managed"
    title = N_("Esa unidad no está a su cargo")


class RoomUnknown(Invalid):
    """The unit has no room of that number."""

    slug = "room-unknown"
    title = N_("Esa unidad no tiene ese consultorio o ventanilla")
    detail = ""
    next_step = N_("Escriba el número de uno de sus consultorios o ventanillas.")


class DayOffExists(Conflict):
    """That day is one off already."""

    slug = "day-off-exists"
    title = N_("Ese día ya es inhábil")
    detail = ""
    next_step = N_("Quite antes el día inhábil que ya está, si cambió.")


class SeatClosed(Conflict):
    """The slot is closed; the database rejects the booking."""

    slug = "seat-closed"
    title = N_("Ese horario se cerró")
    detail = N_("La clínica no atiende a esa hora.")
    next_step = N_("Elija otro horario.")


class ScheduleEmpty(Invalid):
    """The schedule would give no time at all."""

    slug = "schedule-empty"
    title = N_("Esa agenda no daría ninguna cita")
    detail = N_("No cabe una cita de %(minutes)s minutos entre sus horas, o ninguno de sus días cae en su vigencia.")
    next_step = N_("Corrija las horas, la duración, los días o la vigencia.")


class ScheduleInPast(Invalid):
    """Every time that the schedule would give is past."""

    slug = "schedule-in-past"
    title = N_("Esa agenda ya habría terminado")
    detail = N_("Todas sus horas ya pasaron en la unidad; hoy es %(today)s allí.")
    next_step = N_("Dé una última fecha (valid_to) posterior, con alguno de sus días por venir, o ninguna.")

    def __init__(self, *, today: date, **given: Any) -> None:
        super().__init__(
            fields=[FieldError("valid_to", N_("Ninguna de sus horas está por venir."), "all_past")], **given
        )
        self.today = today

    def _fill(self, text: str) -> str:
        self.values |= {"today": format_day(self.today)}
        return super()._fill(text)


class ScheduleStarted(Conflict):
    """The schedule has started, so it can be ended, not withdrawn."""

    slug = "schedule-started"
    title = N_("Esa agenda ya empezó")
    detail = N_("Sólo se retira la que todavía no empieza.")
    next_step = N_("Dele un último día (POST …/end).")


class ScheduleHasAppointments(Conflict):
    """The schedule has appointments: `appointments` counts them."""

    slug = "schedule-has-appointments"
    title = N_("Esa agenda ya tiene citas")
    detail = N_("No se retiró nada. Citas que tiene: %(appointments)s.")
    next_step = N_(
        "Espere a que se muevan o cancelen, o termínela (POST …/end) en su primer día o después: la respuesta dice a"
        " qué citas afecta, y se avisa a cada persona."
    )


IN_USE = N_("%(place)s atiende %(service)s: %(pattern)s. Dos citas suyas no pueden ser a la vez.")


class ScheduleEnded(Conflict):
    """The schedule's last day has passed: what it attended is history."""

    slug = "schedule-ended"
    title = N_("Esa agenda ya terminó")
    detail = N_("Su último día fue el %(last_day)s; ya no se puede cambiar.")
    next_step = N_("Para atender otra vez a esas horas, abra una agenda nueva.")

    def __init__(self, *, last: date, **given: Any) -> None:
        super().__init__(**given)
        self.last = last

    def _fill(self, text: str) -> str:
        self.values |= {"last_day": format_day(self.last)}
        return super()._fill(text)


class ScheduleOverlaps(Conflict):
    """The room already has a schedule at those hours: `schedule` is its id, `detail` its service, days and hours."""

    slug = "schedule-overlaps"
    title = N_("Ese consultorio o ventanilla ya tiene agenda a esas horas")
    detail = N_("Dos citas de un mismo lugar no pueden ser a la vez.")
    next_step = N_("Cambie las horas, los días o la vigencia, o cierre antes la otra agenda.")

    @classmethod
    def of(cls, other: "Pattern", schedule_id: UUID, room: int, service: str) -> Self:
        """With the schedule that is in the way."""
        made = cls(detail=IN_USE, extra={"schedule": str(schedule_id), "room": room, "service": service})
        made.other = (other, room, service)
        return made

    other: "tuple[Pattern, int, str] | None" = None

    def _fill(self, text: str) -> str:
        if self.other is not None:
            pattern, room, service = self.other
            self.values |= {
                "place": place_of(service, room),
                "service": service_name(service),
                "pattern": pattern_in_words(pattern),
            }
        return super()._fill(text)


class SeatsOverlap(Conflict):
    """An open seat of the room is at the same time as the one to be opened."""

    slug = "seats-overlap"
    title = N_("Ese consultorio o ventanilla ya tiene otro horario abierto a esa hora")
    detail = N_("No se abrió nada. Dos citas de un mismo lugar no pueden ser a la vez.")
    next_step = N_("Cierre antes el otro horario y vuelva a intentarlo.")


map_constraint("pk_active_appointment", AlreadyBooked)
map_constraint("ex_schedule_overlap", ScheduleOverlaps)
map_constraint("ex_seat_overlap", SeatsOverlap)
map_constraint("uq_appointment_seat", SlotTaken)
map_constraint("uq_seat_holder", HoldConflict)
map_constraint("uq_active_appointment_start", SameTime)
map_constraint("ck_seat_closed_is_not_offered", SeatClosed)
