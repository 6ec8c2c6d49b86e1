"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, and turns."""

from fastapi import APIRouter

from app.desk.api import attendance, board, counters, devices, queues, tickets, turns, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, turns):
    router.routes.extend(part.router.routes)
