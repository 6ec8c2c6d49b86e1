"""JSON routes of appointments: what is free, holds and bookings, and the desk's schedules."""

from fastapi import APIRouter

from app.appointments.api import availability, booking, desk

router = APIRouter(prefix="/api/v1")
for part in (availability, booking, desk):
    router.include_router(part.router)
