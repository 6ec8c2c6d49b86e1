"""What becomes of a message after it was sent, from what was reported: in any order, and any number of times. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class ReportKind(StrEnum):
    """What a gateway or a mail server reports: it arrived, it hasn't for now, it never will."""

    DELIVERED = "delivered"
    DELAYED = "failed-temporary"
    FAILED = "failed-permanent"


class DeliveryState(StrEnum):
    """How far a message came."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    DELAYED = "failed-temporary"
    FAILED = "failed-permanent"
    UNCERTAIN = "uncertain"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a message. `code`: why, as the other end has it (`5.1.1`)."""

    kind: ReportKind
    at: datetime
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """All that was reported of a message: the latest of each kind, and the code of the failure."""

    delivered_at: datetime | None = None
    delayed_at: datetime | None = None
    failed_at: datetime | None = None
    failure_code: str | None = None

    def with_report(self, report: Report) -> "Reported":
        """The same with another report; of reports in any order, with repetitions, the result is one."""
        if report.kind is ReportKind.DELIVERED:
            return replace(self, delivered_at=_latest(self.delivered_at, report.at))
        if report.kind is ReportKind.DELAYED:
            return replace(self, delayed_at=_latest(self.delayed_at, report.at))
        before = (self.failed_at, self.failure_code or "")
        if self.failed_at is None or (report.at, report.code or "") > before:
            return replace(self, failed_at=report.at, failure_code=report.code)
        return self


def _latest(known: datetime | None, reported: datetime) -> datetime:
    return reported if known is None else max(known, reported)


BY_STATUS = {
    "pending": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "shown": DeliveryState.SENT,
    "dead-letter": DeliveryState.FAILED,
    "resolved": DeliveryState.FAILED,
    "uncertain": DeliveryState.UNCERTAIN,
    "dropped": DeliveryState.DROPPED,
}


def state_of(status: str, reported: Reported) -> DeliveryState:
    """How far a message came: what was reported last counts, and an end counts more than a delay."""
    delivered, failed = reported.delivered_at, reported.failed_at
    if delivered is not None and (failed is None or delivered >= failed):
        return DeliveryState.DELIVERED
    if failed is not None:
        return DeliveryState.FAILED
    state = BY_STATUS[status]
    return DeliveryState.DELAYED if state is DeliveryState.SENT and reported.delayed_at is not None else state


_STATUS = re.compile(r"(?P<class>[245])\.(?P<subject>[0-9]{1,3})\.(?P<detail>[0-9]{1,3})")
_ABOUT_THE_CONTACT = ("0", "1", "2")


def is_about_contact(code: str | None) -> bool:
    """Whether a failure for good says that the contact is wrong or full, not that a server, a route or our own standing
    is at fault (RFC 3463: subjects 1 and 2, or none)."""
    found = _STATUS.fullmatch(code or "")
    return found is None or found["subject"] in _ABOUT_THE_CONTACT


def report_kind_of(action: str, status: str) -> ReportKind | None:
    """What a delivery status notification says (RFC 3464, 2.3.3); None: nothing about the end of the message's way."""
    if action == "failed":
        return ReportKind.DELAYED if status.startswith("4.") else ReportKind.FAILED
    return {"delayed": ReportKind.DELAYED, "delivered": ReportKind.DELIVERED}.get(action)
