"""Job lanes: which jobs share slots, how many slots each lane has in a worker process, and what goes first.

A lane is a queue with slots of its own, so that jobs that hang in one (a mail server that accepts and never answers)
take no slot from another. Codes and other messages have a lane per channel for the same reason.
"""

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """The queue of a job."""

    CODES_EMAIL = "codes-email"
    CODES_SMS = "codes-sms"
    MESSAGES_EMAIL = "messages-email"
    MESSAGES_SMS = "messages-sms"
    SCHEDULED = "scheduled"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class LaneSize:
    """How many jobs of a lane run at once in a process, and the priority its jobs are enqueued with."""

    slots: int
    priority: int


LANES: dict[Lane, LaneSize] = {
    Lane.CODES_EMAIL: LaneSize(slots=8, priority=100),
    Lane.CODES_SMS: LaneSize(slots=8, priority=100),
    Lane.MESSAGES_EMAIL: LaneSize(slots=8, priority=50),
    Lane.MESSAGES_SMS: LaneSize(slots=4, priority=50),
    Lane.SCHEDULED: LaneSize(slots=3, priority=20),
    Lane.HEAVY: LaneSize(slots=1, priority=10),
}
