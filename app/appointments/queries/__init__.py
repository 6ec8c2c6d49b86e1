"""Reads of appointments: what is free (`availability`), and what is whose (`own`)."""
