"""The examples of `docs/data.md`, as they are written there."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "data.md"


EXAMPLE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(language: str) -> list[str]:
    return [code for kind, code in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")) if kind == language]


def run(code: str) -> dict[str, Any]:
    """What a script has at its end."""
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)  # the page's own example
    return names
