"""Use cases of the measurement: roll events up, maintain the parameters, measure and publish."""
