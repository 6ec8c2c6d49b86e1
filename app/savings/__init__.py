"""What the visit would have cost, what online cost, the difference: observed transactions, parameters with sources,
reports."""
