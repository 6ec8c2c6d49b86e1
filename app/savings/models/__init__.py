"""Tables of the measurement: what was observed, its sums, and what is assumed."""

from app.savings.models.assumed import Baseline, Parameter, RepeatWindow, SavingReport, StateRegion
from app.savings.models.observed import NOBODY, Errand, Profile, Ticket
from app.savings.models.released import Release, ReleasedBlock
from app.savings.models.sums import AccessReading, Cell, ReasonCell, TicketCell

__all__ = [
    "NOBODY",
    "AccessReading",
    "Baseline",
    "Cell",
    "Errand",
    "Parameter",
    "Profile",
    "ReasonCell",
    "Release",
    "ReleasedBlock",
    "RepeatWindow",
    "SavingReport",
    "StateRegion",
    "Ticket",
    "TicketCell",
]
