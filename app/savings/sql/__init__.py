"""The statements of the roll-up: events become errands and tickets, and their sums move by the difference."""
