"""JSON routes of the desk: visits as steps of requests, the board of a unit, and its devices."""

from fastapi import APIRouter

from app.desk.api import board, devices, visits

router = APIRouter()
for part in (visits, board, devices):
    router.routes.extend(part.router.routes)
