"""HTTP routes of clients: the token endpoint, and what administrators do."""

from fastapi import APIRouter

from app.clients.api import clients, oauth

router = APIRouter()
for part in (oauth.router, clients.router):
    router.routes.extend(part.routes)
