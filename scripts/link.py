"""Put the project on its virtual environment's path, with the `ventanilla` command: no build, nothing downloaded."""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = """#!{python}
import sys
from app.cli import main
sys.exit(main())
"""


def link() -> None:
    packages = Path(sysconfig.get_paths()["purelib"])
    (packages / "ventanilla-project.pth").write_text(f"{ROOT}\n")
    command = Path(sys.executable).parent / "ventanilla"
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    link()
