"""The statements of the roll-up: events become transactions and tickets, and their sums move by the difference."""
