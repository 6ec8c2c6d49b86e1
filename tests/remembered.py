"""What tests work out again and again, worked out once: a process's settings, how strong a password is, and, for all
processes of a run, the program that a page's template is made into.

Each answer is the one that would be worked out: settings are those of the same environment, and don't change.
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment as Templates
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from zxcvbn import zxcvbn

from app.identity import passwords
from app.kernel import settings as kernel_settings
from app.kernel.settings import PREFIX, Settings

FOLDER = f"{PREFIX}DATA_DIR"
"""Each test with documents has another, on which no other setting depends."""
Environment = tuple[tuple[str, str], ...]


def _environment() -> Environment:
    return tuple(sorted(one for one in os.environ.items() if one[0].upper().startswith(PREFIX) and one[0] != FOLDER))


class RememberedSections(dict[type[Settings], Settings]):
    """The sections of this process's settings. Forgotten ones are found again when the environment is the same."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[object, Environment], Settings] = {}

    def __contains__(self, kind: object) -> bool:
        if super().__contains__(kind):
            return True
        folder, made = os.environ.get(FOLDER), self._made.get((kind, _environment()))
        if made is None or not folder:
            return False
        super().__setitem__(type(made), made.model_copy(update={"data_dir": Path(folder)}))
        return True

    def __setitem__(self, kind: type[Settings], made: Settings) -> None:
        self._made[kind, _environment()] = made
        super().__setitem__(kind, made)


class RememberedScores:
    """`zxcvbn`, asked once for a password and the words that may stand in it."""

    def __init__(self) -> None:
        self._scores: dict[object, dict[str, Any]] = {}

    def __call__(self, password: str, user_inputs: Sequence[str]) -> dict[str, Any]:
        # A name longer than the password isn't part of it, but counts where each word stands.
        key = password, tuple(one for one in enumerate(user_inputs) if len(one[1]) <= len(password))
        if key not in self._scores:
            self._scores[key] = zxcvbn(password, user_inputs=list(user_inputs))
        return self._scores[key]


class TemplatesOfTheRun(FileSystemBytecodeCache):
    """Compiled templates beside the run's temporary files."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):  # a test has filled the disk
            super().dump_bytecode(bucket)


def templates_in(folder: Path) -> None:
    """Store there what the templates of pages are compiled into. Those of statements differ with who reads the file:
    how values are written is compiled into them."""
    stored = TemplatesOfTheRun(str(folder))
    make = Templates.__init__

    def make_with_what_is_stored(made: Templates, *given: Any, **named: Any) -> None:
        make(made, *given, **({"bytecode_cache": stored} if named.get("autoescape") else {}) | named)

    Templates.__init__ = make_with_what_is_stored  # type: ignore[assignment, method-assign] # no other way reaches every portal


def install() -> None:
    kernel_settings._sections = RememberedSections()
    vars(passwords)["zxcvbn"] = RememberedScores()
