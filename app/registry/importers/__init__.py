"""The insured from the agency's files: people, work, family, the units that attend them. See docs/data-files.md."""
