"""The rules of the catalogue, pure: workflows as tables, conditions, and eligibility by name."""
