"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, kiosks, turns,
<<<<<<< HEAD
for supervisors, what was recorded offline, and freed appointments offered to those who wait."""
=======
for supervisors, what was recorded offline, and assistance."""
>>>>>>> main

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
<<<<<<< HEAD
for part in (visits, counters, tickets, attendance, queues, board, devices, kiosk, turns, supervision, offline, offers):
=======
others = (queues, board, devices, kiosk, turns, supervision, offline, assistances)
for part in (visits, counters, tickets, attendance, *others):
>>>>>>> main
    router.routes.extend(part.router.routes)
