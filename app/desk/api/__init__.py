"""JSON routes of the desk: visits, counters, tickets, who came, queues, the board, devices, and for supervisors."""

from fastapi import APIRouter

from app.desk.api import attendance, board, counters, devices, queues, supervision, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues, board, devices, supervision):
    router.routes.extend(part.router.routes)
