"""Reads of appointments: what is free (`availability`), and what is whose (`own`)."""

from app.appointments.queries.availability import (
    FreeDay,
    FreeTime,
    NothingFree,
    Own,
    free_days,
    free_times,
    nearest_free,
    nth_next,
    third_next,
    why_nothing,
)
from app.appointments.queries.offer import ReferralInForce, active_folio, referrals_of, services_at, units_offering
from app.appointments.queries.own import (
    DESK_ROLES,
    OwnAppointment,
    appointments_of,
    follow,
    history,
    may_act_for,
    own_appointment,
    own_appointments,
)

__all__ = [
    "DESK_ROLES",
    "FreeDay",
    "FreeTime",
    "NothingFree",
    "Own",
    "OwnAppointment",
    "ReferralInForce",
    "active_folio",
    "appointments_of",
    "follow",
    "free_days",
    "free_times",
    "history",
    "may_act_for",
    "nearest_free",
    "nth_next",
    "own_appointment",
    "own_appointments",
    "referrals_of",
    "services_at",
    "third_next",
    "units_offering",
    "why_nothing",
]
