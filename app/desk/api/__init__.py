"""JSON routes of the desk: visits of requests, tickets, counters and calls, who came, and what was recorded offline."""

from fastapi import APIRouter

from app.desk.api import attendance, counters, offline, tickets, visits

router = APIRouter()
for part in (visits, counters, tickets, attendance, offline):
    router.routes.extend(part.router.routes)
