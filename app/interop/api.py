"""The routes of other standards."""

from fastapi import APIRouter

from app.interop.fhir import api as fhir
from app.interop.linked_data import api as linked_data
from app.interop.open311 import api as open311

router = APIRouter()
router.routes.extend(fhir.router.routes)
router.routes.extend(open311.router.routes)
router.routes.extend(linked_data.router.routes)
