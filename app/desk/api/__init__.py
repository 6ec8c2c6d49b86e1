"""JSON routes of the desk: visits of requests, tickets, counters and calls, who came, and turns for everyone."""

from fastapi import APIRouter

from app.desk.api import attendance, counters, tickets, turns, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, turns):
    router.routes.extend(part.router.routes)
