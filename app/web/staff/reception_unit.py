"""Which unit's reception a page is: that of its form, the one chosen in this session, or the only one."""

from uuid import UUID

from app.identity.permissions import Action, may_at
from app.kernel.actor import Staff
from app.web.browser import BrowserSession

PAGE = "/ventanilla/recepcion"
CHOOSE, PERSON, SLIP = f"{PAGE}/unidad", f"{PAGE}/personas/", f"{PAGE}/turno/"
OFFERS = f"{PAGE}/ofertas"
UNIT = "desk_unit"
"""In the answers of a session: the unit whose reception was chosen."""


def desk_unit(browser: BrowserSession, actor: Staff, given: str = "") -> UUID | None:
    """The unit of a page of reception, if it is known which; `given`: by its form."""
    for text in (given, str(browser.answers.get(UNIT, ""))):
        unit_id = _id_of(text)
        if may_at(actor, Action.ATTEND_PEOPLE, unit_id):
            return unit_id
    if actor.unit_ids is not None and len(actor.unit_ids) == 1:
        return next(iter(actor.unit_ids))
    return None


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
