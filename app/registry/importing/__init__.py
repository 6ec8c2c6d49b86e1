"""The insured, from the agency's files: people, affiliation periods, dependants. See docs/data-files.md."""

from app.registry.importing.run import import_insured

__all__ = ["import_insured"]
