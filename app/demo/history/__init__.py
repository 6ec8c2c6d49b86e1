"""A simulated year of the demonstration as domain events: bookings, requests, abandoned sessions, tickets and surveys.
Deterministic by seed, people and day; only the event log and availability readings are written.

Nothing is measured: rates and times are chosen so that every chart has data.
"""
