"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
for supervisors, what was recorded offline, assistance, and freed appointments."""

from fastapi import APIRouter

from app.desk.api import (
    assistances,
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
others = (queues, board, devices, kiosk, turns, supervision, offline, assistances, offers)
for part in (visits, counters, tickets, attendance, *others):
    router.routes.extend(part.router.routes)
