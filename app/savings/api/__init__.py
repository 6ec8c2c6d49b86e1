"""JSON and CSV routes of the measurement: metrics, what was saved, reports, and the parameters for analysts."""

from fastapi import APIRouter

from app.savings.api import baselines, exports, metrics, savings, statement

router = APIRouter()
for part in (metrics.router, savings.router, baselines.router, exports.router, statement.router):
    router.routes.extend(part.routes)
