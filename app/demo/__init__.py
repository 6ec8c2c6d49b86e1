"""Demonstration data: made-up people, units in all 32 states, schedules and staff. The same seed, the same people."""

from app.demo.load import DemoReport, load_demo, load_demo_once

__all__ = ["DemoReport", "load_demo", "load_demo_once"]
