"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
and for supervisors."""

from fastapi import APIRouter

from app.desk.api import attendance, board, counters, devices, kiosk, queues, supervision, tickets, turns, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, kiosk, turns, supervision):
    router.routes.extend(part.router.routes)
