"""Reads of the measurement: sums that answer a question, the parameters of a version, what was released."""
