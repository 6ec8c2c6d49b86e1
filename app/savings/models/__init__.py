"""Tables of the measurement: what was observed, its sums, and what is assumed."""

from app.savings.models.assumed import Baseline, ParameterRow, RepeatWindow, SavingReport, StateRegion
from app.savings.models.observed import UNKNOWN_PERSON, Profile, ServiceTransaction, Ticket
from app.savings.models.released import Release, ReleasedBlock
from app.savings.models.sums import AccessReading, Cell, ReasonCell, TicketCell

__all__ = [
    "UNKNOWN_PERSON",
    "AccessReading",
    "Baseline",
    "Cell",
    "ParameterRow",
    "Profile",
    "ReasonCell",
    "Release",
    "ReleasedBlock",
    "RepeatWindow",
    "SavingReport",
    "ServiceTransaction",
    "StateRegion",
    "Ticket",
    "TicketCell",
]
