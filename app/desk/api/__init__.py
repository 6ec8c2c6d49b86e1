"""JSON routes of the desk: visits of requests, counters, tickets, who came, queues, the board, and devices."""

from fastapi import APIRouter

from app.desk.api import attendance, board, counters, devices, queues, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices):
    router.routes.extend(part.router.routes)
