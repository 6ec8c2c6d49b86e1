"""Passes: what a person may save of an appointment on their phone, and what pages say of saved ones.

The portal's worker reads it in headers of the pages (`assets/portalworker/passes.js`): it deletes the passes of another
person's session, those of appointments that have none any more, and fetches those that changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from app.appointments.rules import Status
from app.kernel import crypto

if TYPE_CHECKING:
    from app.appointments.queries.own import OwnAppointment
    from app.identity.models import WebSession

OWNER, STATE, UNTIL, START, TITLE = "Pass-Owner", "Pass-State", "Pass-Until", "Pass-Start", "Pass-Title"
NONE = "none"
MARK_BYTES = 12


def ends_at(own: OwnAppointment) -> datetime:
    """The end of the appointment's day at its unit: no browser shows the pass after it."""
    return datetime.combine(own.on_date + timedelta(days=1), time(), ZoneInfo(own.timezone))


def has_pass(own: OwnAppointment, now: datetime) -> bool:
    """Whether there is a pass: the appointment stands, its time is in force, and its day hasn't ended."""
    return own.status == Status.BOOKED and own.affected is None and now < ends_at(own)


def state_of(own: OwnAppointment, now: datetime) -> str:
    """The folio with the version of its pass, or that it has none: `A-…=1f2e3d4c5b6a`."""
    if not has_pass(own, now):
        return f"{own.folio}={NONE}"
    shown = (own.version, own.start_at, own.room, own.service, own.unit_name, own.address)
    return f"{own.folio}={hashlib.sha256(repr(shown).encode()).hexdigest()[:12]}"


def states_of(mine: Iterable[OwnAppointment], now: datetime, *, are_all: bool) -> str:
    """Those of a person's appointments; where these are all, that every other has none."""
    return ", ".join([*(state_of(own, now) for own in mine if has_pass(own, now)), *([f"*={NONE}"] if are_all else [])])


def owner_mark(row: WebSession) -> str:
    """A mark of who is signed in, at which level of assurance: who is sure of them sees more. It names no one."""
    return crypto.hmac_digest("pass-owner", f"{row.person_id} {row.assurance}")[:MARK_BYTES].hex()


def pass_headers(own: OwnAppointment, title: str, now: datetime) -> dict[str, str]:
    """What the worker stores with a pass: its version, until when it is shown, and its line in the list of passes."""
    return {
        STATE: state_of(own, now),
        UNTIL: ends_at(own).isoformat(),
        START: own.start_at.isoformat(),
        TITLE: quote(title),
    }
