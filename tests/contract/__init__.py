"""What the API promises, against what it does."""
