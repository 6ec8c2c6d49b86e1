"""Use cases of appointments: load, decide, write, record. Each writes in one statement, so it is whole or nothing."""

from app.appointments.service.booking import book, link_to_request
from app.appointments.service.closures import close, reopen
from app.appointments.service.days_off import add_holiday, remove_holiday, stranded, sync_unit_operation
from app.appointments.service.default_schedules import (
    count_units_without_default,
    open_default_schedules,
    units_without_schedules,
)
from app.appointments.service.eligibility import bookable_days, other_units, require_eligible
from app.appointments.service.feedback import give_feedback
from app.appointments.service.generation import generate_slots
from app.appointments.service.holds import Place, hold, release
from app.appointments.service.idempotency import IdempotencyRequest, IdempotentResult
from app.appointments.service.referrals import issue_referral
from app.appointments.service.reschedule import cancel, move
from app.appointments.service.schedules import correct_schedule, end_schedule, open_schedule
from app.appointments.service.withdrawal import withdraw_schedule

__all__ = [
    "IdempotencyRequest",
    "IdempotentResult",
    "Place",
    "add_holiday",
    "book",
    "bookable_days",
    "cancel",
    "close",
    "correct_schedule",
    "count_units_without_default",
    "end_schedule",
    "generate_slots",
    "give_feedback",
    "hold",
    "issue_referral",
    "link_to_request",
    "move",
    "open_default_schedules",
    "open_schedule",
    "other_units",
    "release",
    "remove_holiday",
    "reopen",
    "require_eligible",
    "stranded",
    "sync_unit_operation",
    "units_without_schedules",
    "withdraw_schedule",
]
