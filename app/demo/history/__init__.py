"""A made-up year of the demonstration, told as the events that the use cases record: bookings, requests, visits left,
tickets and surveys. The same seed, people and day tell the same; only the event log and readings of access are written.

Nothing of it is measured: shares and times are ours, chosen so that every figure has something to show.
"""

from app.demo.history.calibration import catch_up_with_history
from app.demo.history.generator import write_history

__all__ = ["catch_up_with_history", "write_history"]
