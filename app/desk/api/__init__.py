"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, offers, the board, devices, kiosks,
turns, for supervisors, what was recorded offline, and assistance."""

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
for of_people in (visits, counters, tickets, attendance, queues, offers, assistances):
    router.routes.extend(of_people.router.routes)
router.routes.extend(assistances.mine.routes)
for of_places in (board, devices, kiosk, turns, supervision, offline):
    router.routes.extend(of_places.router.routes)
