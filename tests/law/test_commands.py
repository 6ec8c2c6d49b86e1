"""What `ventanilla law` says to an administrator."""

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.kernel.settings import forget_settings
from tests.conftest import clone, drop


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
    result = CliRunner().invoke(cli, ["law", "set", *options, "--", name, value])
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["uma", "-5", "--from", "2027-02-01", "--source", "DOF"], "VALUE: Input should be greater than or equal to 0"),
        (["uma", "1", "--from", "9999-12-31", "--source", "DOF"], "--from: Input should be less than or equal to 2100"),
        (["uma", "1", "--from", "1800-01-01", "--source", "DOF"], "--from: Input should be greater than or equal to"),
        (["uma", "1", "--from", "2027-02-01", "--to", "9999-12-31", "--source", "DOF"], "--to: Input should be less"),
        (["uma", "1", "--from", "2027-02-01", "--source", "   "], "--source: String should have at least 3"),
        (["uma", "1", "--from", "2027-02-01", "--source", "...."], "--source: says where it was read"),
        (["uma", "NaN", "--from", "2027-02-01", "--source", "DOF"], "VALUE: Input should be a finite number"),
        (["uma", "0:1,121:2", "--from", "2027-02-01", "--source", "DOF"], "VALUE, row 2: Input should be less"),
    ],
)
def test_a_value_a_day_or_a_source_that_no_law_has_is_refused_at_its_option(words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["law", "set", *words])
    assert result.exit_code == 1
    assert said in " ".join(result.output.split())


def test_the_command_says_the_limits_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    url = clone("law_command")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", url.render_as_string(hide_password=False))
    forget_settings()
    words = ["unemployment-days", "46.5", "--from", "2027-01-01", "--source", "DOF"]
    try:
        result = CliRunner().invoke(cli, ["law", "set", *words])
    finally:
        forget_settings()
        drop(url)
    assert result.exit_code == 1
    said = "VALUE: The figure «unemployment-days» is a whole number, from 1 to 366, and 46.5 was given."
    assert said in " ".join(result.output.split())
