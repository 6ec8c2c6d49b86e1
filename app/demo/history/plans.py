"""Demand, processing time and outcomes of each service in the history. All of it fictitious."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """A service: its share of all requests; median active seconds; rates of abandoned drafts, refusals and manual
    decisions; who would have visited in person; and whether people request it repeatedly."""

    share: float
    seconds: float
    left: float
    refused: float
    referred: float
    would_have_visited: float
    repeated: float = 0.0


PLANS = {
    "vigencia": Plan(0.24, 70, 0.05, 0.04, 0, 0.60, 0.14),
    "weeks": Plan(0.15, 95, 0.07, 0.02, 0, 0.55, 0.10),
    "nss-find": Plan(0.08, 55, 0.06, 0.05, 0, 0.35, 0.18),
    "sick-leave": Plan(0.08, 75, 0.05, 0.06, 0, 0.40, 0.20),
    "not-insured": Plan(0.03, 70, 0.06, 0.12, 0, 0.62),
    "nss-assign": Plan(0.03, 190, 0.15, 0.08, 0.12, 0.80),
    "clinic-change": Plan(0.08, 320, 0.18, 0.13, 0.18, 0.82),
    "clinic-register": Plan(0.04, 300, 0.16, 0.08, 0.15, 0.84),
    "modality-40": Plan(0.02, 360, 0.24, 0.18, 0.10, 0.78),
    "unemployment": Plan(0.04, 420, 0.22, 0.22, 0.12, 0.80),
    "complaint": Plan(0.06, 380, 0.20, 0.08, 1, 0.45),
    "data-correct": Plan(0.05, 410, 0.20, 0.16, 1, 0.86),
    "dependant-add": Plan(0.05, 520, 0.22, 0.14, 1, 0.88),
    "dependant-remove": Plan(0.01, 280, 0.15, 0.10, 1, 0.80),
    "family-health": Plan(0.01, 600, 0.30, 0.20, 1, 0.82),
    "nursery": Plan(0.015, 560, 0.25, 0.22, 1, 0.85),
    "pension": Plan(0.015, 740, 0.28, 0.20, 1, 0.90),
}
"""By service id. Services not listed have no history."""

APPOINTMENTS = {"family-medicine": 0.74, "dental": 0.11, "preventive": 0.10, "window": 0.05}
"""Shares of appointments."""
ROOMS_FROM = {"family-medicine": 1, "dental": 101, "preventive": 201, "window": 301}
SLOT_MINUTES = {"family-medicine": 15, "dental": 30, "preventive": 20, "window": 10}
APPOINTMENT_SECONDS = 105.0
CHANGE_SECONDS = 60.0
APPOINTMENT_WOULD_HAVE_VISITED = 0.66

WALK_INS = {
    "family-medicine": 0.30, "vigencia": 0.20, "dependant-add": 0.10, "weeks": 0.09, "clinic-change": 0.08,
    "data-correct": 0.08, "sick-leave": 0.07, "pension": 0.04, "nss-find": 0.04,
}  # fmt: skip
"""Purposes of walk-ins."""

# Rates per person and year.
APPOINTMENTS_A_YEAR, REQUESTS_A_YEAR, WALK_INS_A_YEAR, LEFT_A_YEAR = 1.75, 1.75, 0.6, 0.5

DEVICES = {"phone": 0.75, "computer": 0.21, "tablet": 0.04}
BY_API = 0.06
ANSWERS = 0.24
"""Response rate of the survey."""
DOES_NOT_KNOW = 0.09
PLEASED, DISPLEASED = (0.02, 0.04, 0.11, 0.33, 0.50), (0.28, 0.25, 0.24, 0.15, 0.08)
"""Ratings from 1 to 5, by outcome."""
