"""The insured from the agency's files: people, work, family, the units that attend them. See docs/data-files.md."""

from app.registry.importers.pipeline import import_insured

__all__ = ["import_insured"]
