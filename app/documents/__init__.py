"""Uploaded files: validated by content, scanned, stored under random names, and served to authorised people."""
