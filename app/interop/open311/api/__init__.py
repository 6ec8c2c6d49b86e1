"""The routes of Open311 GeoReport v2, under `/open311/v2`."""

from fastapi import APIRouter

from app.interop.open311.api import reports, services

router = APIRouter()
for part in (services, reports):
    router.routes.extend(part.router.routes)
