"""JSON routes of requests: the citizen's and their documents, the officer's lists and work, consents."""

from fastapi import APIRouter

import app.requests.service.people  # noqa: F401 # registers what a full proof of identity does with requests
from app.requests.api import citizen, documents, lists, live, mandates, officer

router = APIRouter()
for part in (
    officer.hot_router,
    citizen.router,
    documents.router,
    lists.router,
    live.router,
    officer.router,
    mandates.router,
):
    router.routes.extend(part.routes)
