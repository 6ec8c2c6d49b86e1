"""Where commands write by an operator's word: never over the file they read, nor over another one that is there."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.kernel.settings import forget_settings
from app.kernel.tabular.report import ImportReport, Reason, Rejects, RejectsRefused, rejects_place
from tests.portal import free_port

KINDS = ("units", "postal-codes", "non-working-days", "insured")
BAD = Reason("Mal.", "Wrong.")


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything here is refused before a database is asked: there is none, and asking would be another sentence."""
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    forget_settings()
    yield
    monkeypatch.undo()
    forget_settings()


def test_the_database_would_not_answer() -> None:
    said = run("staff", "list")
    assert said.exit_code == 1
    assert "database" in said.output


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def refused(result: Result, sentence: str) -> None:
    assert (result.exit_code, sentence in " ".join(result.output.split())) == (1, True), result.output
    assert "Errno" not in result.output


def itself(file: Path) -> Path:
    return file


def round_about(file: Path) -> Path:
    return Path(os.path.relpath(file))


def symlink(file: Path) -> Path:
    link = file.with_name("symlink.csv")
    link.symlink_to(file)
    return link


def hard_link(file: Path) -> Path:
    link = file.with_name("hard.csv")
    link.hardlink_to(file)
    return link


@pytest.mark.parametrize("named", [itself, round_about, symlink, hard_link])
@pytest.mark.parametrize("kind", KINDS)
def test_rejected_rows_never_go_to_the_file_that_is_imported(
    kind: str, named: Callable[[Path], Path], tmp_path: Path
) -> None:
    file = tmp_path / "same.csv"
    # Also one that is itself a file of rejected rows, which another import could replace.
    for content in ("curp\nx\n", "line,kind,field,value,reason_es,reason_en\n"):
        file.write_text(content)
        place = named(file)
        refused(run("import", kind, str(file), "--rejects", str(place)), "is the file to import")
        assert file.read_text() == place.read_text() == content
        if place != file and place.is_absolute():
            place.unlink()


@pytest.mark.parametrize("rejects", ["other.csv", "folder", "link.csv"])
def test_rejected_rows_replace_nothing_but_rejected_rows(rejects: str, tmp_path: Path) -> None:
    file, other = tmp_path / "people.csv", tmp_path / "other.csv"
    file.write_text("curp\n")
    other.write_text("line,kind,something,else\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").symlink_to(other)
    refused(run("import", "insured", str(file), "--rejects", str(tmp_path / rejects)), "isn't a file of rejected rows")
    assert other.read_text() == "line,kind,something,else\n"


def test_the_usual_place_of_rejected_rows_is_no_exception(tmp_path: Path) -> None:
    file, other = tmp_path / "people.csv", tmp_path / "people.csv.rejects.csv"
    file.write_text("curp\n")
    other.write_text("mine")
    refused(run("import", "insured", str(file)), "isn't a file of rejected rows")
    assert other.read_text() == "mine"
    with pytest.raises(RejectsRefused):
        Rejects(other, ImportReport(), file)


def test_an_earlier_file_of_rejected_rows_is_replaced_also_saved_by_a_spreadsheet(tmp_path: Path) -> None:
    file, place = tmp_path / "people.csv", tmp_path / "rejects.csv"
    file.write_text("curp\n")
    for before in ("", "\ufeffline;kind;field;value;reason_es;reason_en\r\n1;rejected;a;b;c;d\r\n"):
        place.write_text(before)
        assert rejects_place(place, file) == place
        for line in (1, 2):
            with Rejects(place, ImportReport(), file) as rejected:
                rejected.reject(line, "curp", "x", BAD)
    assert place.read_text().count("rejected") == 1
    with Rejects(place, ImportReport(), file):
        pass
    assert not place.exists()


def test_rejected_rows_need_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("curp\n")
    for place in (tmp_path / "none" / "r.csv", file / "r.csv"):
        refused(run("import", "insured", str(file), "--rejects", str(place)), "there is no folder")


WRITERS = {
    "report": ("savings", "report", "--from", "2026-01-01", "--to", "2026-01-31", "--out"),
    "figures": ("savings", "baseline", "export", "--out"),
}


@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_a_report_replaces_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    there, link = tmp_path / "there.csv", tmp_path / "link.csv"
    there.write_text("mine")
    link.symlink_to(tmp_path / "nowhere")
    for place in (there, link, tmp_path):
        refused(run(*words, str(place)), "exists already: nothing is overwritten")
    refused(run(*words, str(tmp_path / "none" / "r.csv")), "there is no folder")
    assert there.read_text() == "mine"
    assert link.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"there.csv", "link.csv"}
