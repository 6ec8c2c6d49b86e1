"""Demonstration data: fictitious people, units in all 32 states, schedules and staff. Deterministic by seed."""

from app.demo.load import DemoReport, load_demo, load_demo_once

__all__ = ["DemoReport", "load_demo", "load_demo_once"]
