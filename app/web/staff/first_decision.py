"""The decision under internal review, as its reviewer reads it: what was decided, by whom, why, and what is said
against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.kernel.i18n import language
from app.requests.queries.case_file import StaffEvent, refusal_in_force
from app.requests.schemas import RequestDetailOut

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """A refusal under review. `name`: who decided it, empty for the rules; `reasons`: each with its legal ground;
    `words`: what the officer wrote; `asked`: why the person asks for the review."""

    at: datetime
    name: str
    reasons: list[tuple[str, str]]
    words: str
    asked: str


async def first_decision(
    session: AsyncSession, row: Request, view: RequestDetailOut, events: Sequence[StaffEvent]
) -> FirstDecision | None:
    """The decision that is reviewed; None when the request isn't under internal review."""
    if row.kind == "final" or view.appealed_at is None:
        return None
    refusal = await refusal_in_force(session, row)
    if refusal is None:
        return None
    facts = (refusal.document or {}).get("facts", {})
    reasons = [(_in_language(one["text"]), _in_language(one["ground"])) for one in facts.get("reasons", [])]
    decided = [event for event in events if event.type == "request.decided"]
    asked = [one.body for one in view.messages if one.kind == "appeal"]
    return FirstDecision(
        at=refusal.refused_at,
        name=(decided[-1].staff_name or "") if decided else "",
        reasons=reasons or [(one.text, one.ground or "") for one in view.reasons],
        words=facts.get("words") or "",
        asked=asked[-1] if asked else "",
    )


def _in_language(text: dict[str, str] | None) -> str:
    return text[language()] if text else ""
