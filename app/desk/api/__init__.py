"""JSON routes of the desk: visits of requests, tickets, counters and calls, and who came."""

from fastapi import APIRouter

from app.desk.api import attendance, counters, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance):
    router.routes.extend(part.router.routes)
