"""What commands print: names of files as they are, sentences about files that do not open, whom an import hits."""

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from rich.table import Table
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import URL
from typer.testing import CliRunner, Result

from app.cli import cli
from app.commands import console
from app.kernel import db as kernel_db
from app.kernel import migrate
from app.kernel.db import with_driver
from app.kernel.settings import forget_settings
from tests.appointments import factories
from tests.conftest import clone, drop

runner = CliRunner()
HEADER = (
    "CLUES,CLAVE DE LA INSTITUCION,NOMBRE DE LA ENTIDAD,NOMBRE DEL MUNICIPIO,NOMBRE DE LA UNIDAD,ESTATUS DE OPERACION"
)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that reads what commands print has no width: a sentence must not be broken at one."""
    monkeypatch.setenv("COLUMNS", "40")


@pytest.fixture
def url(worker_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[URL]:
    """The database that commands of a test work on."""
    found = clone(f"console_{worker_name}")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", found.render_as_string(hide_password=False))
    forget_settings()
    yield found
    monkeypatch.undo()
    forget_settings()
    drop(found)


def units(path: Path) -> Result:
    return runner.invoke(cli, ["import", "units", str(path)])


def test_a_message_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.fail("list[old].csv has no [/] and no [bold]", "See [docs].")
    assert capsys.readouterr().err == "Error: list[old].csv has no [/] and no [bold]\n  See [docs].\n"


def test_a_table_in_a_pipe_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("user", "name", box=None)
    table.add_row("a.user.with.a.long.name", "María de los Ángeles Hernández Villaseñor")
    console.out.print(table)
    assert "a.user.with.a.long.name  María de los Ángeles Hernández Villaseñor" in capsys.readouterr().out


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, NotADirectoryError])
def test_a_place_that_is_not_there_is_a_sentence(error: type[OSError], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), console.explained():
        raise error(2, "No such file or directory", "a/b.csv")
    assert capsys.readouterr().err == "Error: a/b.csv: no such file or directory.\n"


def test_a_file_with_brackets_in_its_name(url: URL, tmp_path: Path) -> None:
    path = tmp_path / "units [red] [2025].csv"
    path.write_text(f"{HEADER}\nDFIMS000001,IMSS,CIUDAD DE MEXICO,CUAUHTEMOC,,EN OPERACION\n")
    done = units(path)
    assert (done.exit_code, "units [red] [2025].csv.rejects.csv" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (gzip.compress(f"{HEADER}\n".encode() * 2000)[:-20], "units.csv.gz ends before its end"),
        (b"not packed", "units.csv.gz isn't a .gz"),
        (gzip.compress(b"x" * 500)[:10] + b"\x07" * 40, "units.csv.gz isn't a .gz, or it is damaged"),
    ],
    ids=["cut off", "something else", "damaged"],
)
def test_a_packed_file_that_does_not_open(url: URL, tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "units.csv.gz"
    path.write_bytes(content)
    for kind in ("units", "postal-codes", "insured"):
        done = runner.invoke(cli, ["import", kind, str(path)])
        assert (done.exit_code, sentence in done.output) == (1, True), (kind, done.output)


@pytest.mark.parametrize("kind", ["units", "postal-codes", "non-working-days", "insured"])
def test_a_file_without_data(url: URL, tmp_path: Path, kind: str) -> None:
    rejected = "line,kind,field,value,reason_es,reason_en\n2,rejected,curp,x,Mal.,Wrong.\n"
    for name, content, sentence in (
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n \n", "the file is empty"),
        ("empty.csv.gz", b"", "the file is empty"),
        ("mark.csv", b"\xef\xbb\xbf", "the file is empty"),
        ("people.csv.rejects.csv", rejected.encode(), "mend the rows in the original file and import that"),
        ("saved.csv", rejected.replace(",", ";").encode("utf-8-sig"), "this is a file of rejected rows"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        done = runner.invoke(cli, ["import", kind, str(path)])
        assert (done.exit_code, sentence in done.output) == (1, True), (name, done.output)


def test_an_import_of_which_nothing_is_left_fails(url: URL, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    right, wrong = ("DFIMS000001,IMSS,CIUDAD DE MEXICO,CUAUHTEMOC,UMF 1,EN OPERACION", "x,IMSS,A,B,C,EN OPERACION")
    path.write_text(f"{HEADER}\n{wrong}\n{wrong}\n")
    done = units(path)
    assert (done.exit_code, "every row was rejected" in done.output) == (1, True), done.output
    path.write_text(f"{HEADER}\n{right}\n{wrong}\n")
    for _time in range(2):
        assert units(path).exit_code == 0
    done = runner.invoke(cli, ["import", "units", str(path), "--institution", "nonsense"])
    assert (done.exit_code, "no row is of the institution nonsense: the file has IMSS" in done.output) == (
        1,
        True,
    ), done.output


def test_what_no_message_has_is_refused_with_what_there_is(url: URL) -> None:
    for words, known in (
        (("messages", "retry", "--channel", "fax"), "There are: email, sms."),
        (("messages", "resolve", "--kind", "nope"), "appointment.booked, "),
        (("messages", "resolve", "--reason", "nope"), "There are: none."),
        (("dead-letters", "retry", "--kind", "job", "--name", "nope"), "See what did: ventanilla dead-letters list"),
    ):
        done = runner.invoke(cli, list(words))
        assert (done.exit_code, known in done.output) == (1, True), done.output
        assert "page" not in done.output
    for options in ([], ["--channel", "sms", "--kind", "appointment.booked"]):
        assert runner.invoke(cli, ["messages", "retry", *options]).exit_code == 0


def test_only_a_schema_version_that_there_is(url: URL) -> None:
    def upgrade(*words: str) -> tuple[int, str]:
        done = runner.invoke(cli, ["db", "upgrade", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    head = migrate.head()
    for revision in ("nope", "", "+1", "base", "heads", head[:-1], "x'"):
        code, said = upgrade(revision)
        assert (code, f"its newest is {head}" in said) == (1, True), (revision, said)
    assert upgrade() == upgrade(head) == (0, f"The schema is at {head}.\n")
    code, said = upgrade("0001_kernel")
    assert (code, f"past 0001_kernel already, at {head}" in said) == (1, True), said


def test_a_database_of_a_newer_program_is_named(url: URL) -> None:
    engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for words in (["db", "upgrade"], ["staff", "list"]):
        done = runner.invoke(cli, words)
        assert (done.exit_code, "the database is at schema 9999" in done.output) == (1, True), done.output


def test_units_that_stop_operating_list_whom_it_hits(url: URL, tmp_path: Path) -> None:
    async def booked() -> tuple[str, str]:
        kernel_db.configure(url.render_as_string(hide_password=False), driver="psycopg")
        async with kernel_db.transaction() as session:
            unit = await factories.unit(session)
            (time,) = await factories.seats(session, unit)
            appointment = await factories.booked(
                session, await factories.person(session, unit), factories.place(unit, time)
            )
        await kernel_db.disconnect()
        return unit.clues, appointment.folio

    clues, folio = asyncio.run(booked())
    path = tmp_path / "units.csv"
    path.write_text(f"{HEADER}\n{clues},IMSS,CIUDAD DE MEXICO,CUAUHTEMOC,UMF 1 Prueba,FUERA DE OPERACION\n")
    done = units(path)
    assert "1 appointments to come are at units out of operation" in done.output
    assert f"{folio} " in done.output
    assert f" 09:00  family-medicine  UMF 1 Prueba ({clues})" in done.output
    path.write_text(f"{HEADER}\n{clues},IMSS,CIUDAD DE MEXICO,CUAUHTEMOC,UMF 1 Prueba,EN OPERACION\n")
    assert "out of operation" not in units(path).output
