"""What runs the npm packages of the tests says why when it can't."""

from pathlib import Path

import pytest

from tests import node


def test_a_script_imports_the_packages_from_any_folder(tmp_path: Path) -> None:
    node.link_packages(tmp_path)
    (tmp_path / "script.mjs").write_text('import client from "openapi-fetch"; console.log(typeof client)')
    assert node.run_node("script.mjs", folder=tmp_path) == "function\n"


def test_a_failure_has_what_was_printed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"ended with 3:\n(.|\n)*too bad"):
        node.run_node("-e", "console.error('too bad'); process.exit(3)", folder=tmp_path)


def test_packages_that_are_not_installed_are_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "INSTALLED", tmp_path)
    with pytest.raises(RuntimeError, match="make node"):
        node.packages()
