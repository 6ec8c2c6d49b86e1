"""Use cases of appointments: load, decide, write, record. Each writes in one statement, so it is whole or nothing."""

from app.appointments.service.booking import book, tie_to_request
from app.appointments.service.changing import cancel, move
from app.appointments.service.closures import close, reopen
from app.appointments.service.days_off import add_holiday, follow_operation, remove_holiday, stranded
from app.appointments.service.done import Done, Once
from app.appointments.service.eligibility import bookable_days, other_units, require_eligible
from app.appointments.service.feedback import give_feedback
from app.appointments.service.generation import make_seats
from app.appointments.service.holding import Place, hold, release
from app.appointments.service.referrals import issue_referral
from app.appointments.service.schedules import correct_schedule, end_schedule, open_schedule
from app.appointments.service.usual import open_usual, units_left_out, units_without_book
from app.appointments.service.withdrawal import withdraw_schedule

__all__ = [
    "Done",
    "Once",
    "Place",
    "add_holiday",
    "book",
    "bookable_days",
    "cancel",
    "close",
    "correct_schedule",
    "end_schedule",
    "follow_operation",
    "give_feedback",
    "hold",
    "issue_referral",
    "make_seats",
    "move",
    "open_schedule",
    "open_usual",
    "other_units",
    "release",
    "remove_holiday",
    "reopen",
    "require_eligible",
    "stranded",
    "tie_to_request",
    "units_left_out",
    "units_without_book",
    "withdraw_schedule",
]
