"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
for supervisors, and assistance."""

from fastapi import APIRouter

from app.desk.api import (
    assistances,
    attendance,
    board,
    counters,
    devices,
    kiosk,
    queues,
    supervision,
    tickets,
    turns,
    visits,
)

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, kiosk, turns, supervision, assistances):
    router.routes.extend(part.router.routes)
