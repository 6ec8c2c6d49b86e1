"""Rules of eligibility by name: what a service file may ask of a person. Pure."""

from importlib import import_module

# Each module registers its rules when it is imported; a service file may name any of them.
for _part in ("family", "pension", "places", "records", "work"):
    import_module(f"app.catalog.rules.eligibility.{_part}")
