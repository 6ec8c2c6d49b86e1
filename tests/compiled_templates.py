"""Imported by the process that others are copies of (`tests/forked.py`): they take compiled templates of the run."""

import tempfile
from pathlib import Path

from tests import remembered

remembered.templates_in(Path(tempfile.gettempdir()))
