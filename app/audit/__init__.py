"""Queries of the access log."""
