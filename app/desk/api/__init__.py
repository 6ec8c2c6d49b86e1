"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
for supervisors, what was recorded offline, and assistance."""

from fastapi import APIRouter

from app.desk.api import (
    assistances,
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
others = (queues, board, devices, kiosk, turns, supervision, offline, assistances)
for part in (visits, counters, tickets, attendance, *others):
    router.routes.extend(part.router.routes)
