"""Demonstration data: fictitious people, units in all 32 states, schedules and staff. Deterministic by seed."""
