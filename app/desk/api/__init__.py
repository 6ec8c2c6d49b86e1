"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
for supervisors, what was recorded offline, and freed appointments offered to those who wait."""

from fastapi import APIRouter

from app.desk.api import (
    attendance,
    board,
    counters,
    devices,
    kiosk,
    offers,
    offline,
    queues,
    supervision,
    tickets,
    turns,
    visits,
)

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, kiosk, turns, supervision, offline, offers):
    router.routes.extend(part.router.routes)
