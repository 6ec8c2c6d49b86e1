"""What `ventanilla law` says to an administrator."""

import pytest
from typer.testing import CliRunner

from app.cli import cli


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["uma", "abc", "--from", "2027-02-01", "--source", "DOF"], "VALUE: abc is neither"),
        (["uma", "-1", "--from", "2027-02-01", "--source", "DOF"], "VALUE: Input should be greater"),
        (["uma", "1", "--from", "2027-02-01", "--source", ""], "--source: String should have at least 3"),
        (["uma", "1", "--from", "2027-02-01", "--to", "2027-01-01", "--source", "DOF"], "--to 2027-01-01 is before"),
        (["uma", "0:1,1:-2", "--from", "2027-02-01", "--source", "DOF"], "VALUE, row 2: Input should be greater"),
        (["uma", "5:1,1:2", "--from", "2027-02-01", "--source", "DOF"], "VALUE: its ages rise from 0"),
        (["uma", "1", "--from", "tomorrow", "--source", "DOF"], "--from"),
    ],
)
def test_it_names_what_is_wrong(words: list[str], said: str) -> None:
    name, value, *options = words
    result = CliRunner().invoke(cli, ["law", "set", *options, "--", name, value], env={"COLUMNS": "200"})
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())
