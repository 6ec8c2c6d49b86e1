"""JSON routes of the desk: visits of requests, tickets, counters and calls, and who came."""

from fastapi import APIRouter

from app.desk.api import attendance, counters, queues, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, queues):
    router.routes.extend(part.router.routes)
