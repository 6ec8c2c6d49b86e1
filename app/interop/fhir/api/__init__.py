"""The routes of FHIR R4, under `/fhir/r4`."""

from fastapi import APIRouter

from app.interop.fhir.api import appointments, bulk, metadata, operations, patients, places, responses, slots

router = APIRouter()
for part in (metadata, bulk, places, slots, patients, operations, appointments, responses):
    router.routes.extend(part.router.routes)
