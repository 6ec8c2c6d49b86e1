"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
for supervisors, and what was recorded offline."""

from fastapi import APIRouter

from app.desk.api import (
    attendance,
    board,
    counters,
    devices,
    kiosk,
    offline,
    queues,
    supervision,
    tickets,
    turns,
    visits,
)

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, kiosk, turns, supervision, offline):
    router.routes.extend(part.router.routes)
