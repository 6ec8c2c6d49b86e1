"""Tables of the measurement: what was observed, its sums, and what is assumed."""

from app.savings.models.assumed import Baseline, ParameterRow, RepeatWindow, SavingReport, StateRegion
from app.savings.models.observed import NOBODY, Profile, ServiceTransaction, Ticket
from app.savings.models.released import Release, ReleasedBlock
from app.savings.models.sums import AccessReading, Cell, ReasonCell, TicketCell

__all__ = [
    "NOBODY",
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
