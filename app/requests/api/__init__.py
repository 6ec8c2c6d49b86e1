"""JSON routes of requests: the citizen's, the officer's, consents."""

from fastapi import APIRouter

from app.requests.api import citizen, mandates, officer

router = APIRouter()
for part in (citizen.router, officer.router, mandates.router):
    router.routes.extend(part.routes)
