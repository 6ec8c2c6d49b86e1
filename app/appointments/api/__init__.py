"""JSON routes of appointments: what is free, holds and bookings, and the desk's schedules."""

from fastapi import APIRouter

from app.appointments.api import (
    affected,
    availability,
    booking,
    desk,
    draws,
    feedback,
    live,
    referrals,
    releases,
    schedule_previews,
    shift_closures,
    wait_list,
)

router = APIRouter()
for part in (
    availability,
    booking,
    live,
    feedback,
    desk,
    affected,
    schedule_previews,
    shift_closures,
    referrals,
    releases,
    draws,
    wait_list,
):
    router.routes.extend(part.router.routes)
