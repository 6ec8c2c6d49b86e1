"""The routes of other standards."""

from fastapi import APIRouter

from app.interop.fhir import api as fhir

router = APIRouter()
router.routes.extend(fhir.router.routes)
