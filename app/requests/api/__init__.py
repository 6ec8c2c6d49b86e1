"""JSON routes of requests: the citizen's, the officer's lists and work, consents."""

from fastapi import APIRouter

from app.requests.api import citizen, lists, mandates, officer
from app.requests.service.people import merge_declared

__all__ = ["merge_declared", "router"]  # imported, it is what a full proof does

router = APIRouter()
for part in (citizen.router, lists.router, officer.router, mandates.router):
    router.routes.extend(part.routes)
