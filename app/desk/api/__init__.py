"""JSON routes of the desk: visits of requests, tickets, counters and calls, who came, and assistance."""

from fastapi import APIRouter

from app.desk.api import assistances, attendance, counters, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, assistances):
    router.routes.extend(part.router.routes)
