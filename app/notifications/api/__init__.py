"""JSON routes of messages: calendars, reminders, what did not arrive, the texts, and reports of delivery."""

from fastapi import APIRouter

from app.notifications.api import messages, reports, templates

router = APIRouter()
for module in (messages, templates, reports):
    router.routes.extend(module.router.routes)
