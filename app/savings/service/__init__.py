"""Use cases of the measurement: roll events up, keep the figures, measure and publish."""
