"""A clinic's day, live: people, counters and calls through the use cases of the desk, at a chosen speed."""
