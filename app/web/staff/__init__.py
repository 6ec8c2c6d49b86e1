"""Pages for the agency's staff."""
