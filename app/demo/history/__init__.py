"""A simulated year of the demonstration as domain events: bookings, requests, abandoned sessions, tickets and surveys.
Deterministic by seed, people and day; only the event log and availability readings are written.

Nothing is measured: rates and times are chosen so that every chart has data.
"""

from app.demo.history.calibration import catch_up_with_history
from app.demo.history.generator import write_history

__all__ = ["catch_up_with_history", "write_history"]
