"""Use cases of the measurement: roll events up, keep the parameters, measure and publish."""
