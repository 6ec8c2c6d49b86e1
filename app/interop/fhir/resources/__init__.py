"""Rows as FHIR resources: each function makes the JSON of one kind, and asks nothing."""
