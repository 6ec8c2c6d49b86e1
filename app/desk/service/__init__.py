"""Use cases of the desk: visits of requests, arrivals, counters, and calls."""
