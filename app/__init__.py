"""Ventanilla: a citizen-service portal that measures the time and money it saves."""
