"""JSON routes of the desk: visits as steps of requests, and the board of a unit."""

from fastapi import APIRouter

from app.desk.api import board, visits

router = APIRouter()
for part in (visits, board):
    router.routes.extend(part.router.routes)
