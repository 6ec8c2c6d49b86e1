"""Requests: services, citizens, officers."""
