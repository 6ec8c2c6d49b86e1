"""JSON routes of the desk: visits of requests, tickets, counters and calls, who came, the board, and devices."""

from fastapi import APIRouter

from app.desk.api import attendance, board, counters, devices, kiosk, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, board, devices, kiosk):
    router.routes.extend(part.router.routes)
