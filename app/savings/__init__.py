"""What the visit would have cost, what online cost, the difference: observed errands, figures with sources, reports."""
