"""JSON routes of messages: calendars, reminders, what did not arrive, the texts, reports of delivery, browsers."""

from fastapi import APIRouter

from app.notifications.api import messages, push, reports, templates

router = APIRouter()
for module in (messages, templates, reports, push):
    router.routes.extend(module.router.routes)
