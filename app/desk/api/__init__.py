"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, devices, and
what they recorded offline."""

from fastapi import APIRouter

from app.desk.api import attendance, board, counters, devices, offline, queues, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, offline):
    router.routes.extend(part.router.routes)
