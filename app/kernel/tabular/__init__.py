"""Files of rows as agencies send them: read whatever the encoding, every bad row written out with its reason."""

from app.kernel.tabular.files import open_rows, plain_cell, safe_cell
from app.kernel.tabular.report import ImportReport, Rejects

__all__ = ["ImportReport", "Rejects", "open_rows", "plain_cell", "safe_cell"]
