"""`ventanilla savings` as an operator runs it."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import URL
from typer.testing import CliRunner, Result

from app.cli import cli
from app.kernel import db as kernel_db
from app.kernel.consumer_runner import catch_up
from app.kernel.db import with_driver
from app.kernel.settings import forget_settings
from app.savings import jobs
from tests.appointments.factories import person, unit
from tests.conftest import clone, drop
from tests.savings import factories

runner = CliRunner()
SPAN = ("--from", "2026-01-01", "--to", "2026-12-31")


def run(*words: str) -> Result:
    return runner.invoke(cli, ["savings", *words])


def said(result: Result) -> str:
    return " ".join(result.output.split())


def on(url: URL, work: Callable[[], Awaitable[None]]) -> None:
    """Do something with the database before the command takes it."""

    async def done() -> None:
        kernel_db.configure(url.render_as_string(hide_password=False), driver="psycopg")
        await work()
        await kernel_db.disconnect()

    asyncio.run(done())


def ask(url: URL, statement: str) -> Any:
    engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = result.scalar() if result.returns_rows else None
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def url(worker_name: str) -> Iterator[URL]:
    """A portal where forty requests and forty visits were made, and rolled up."""
    made = clone(f"savings_{worker_name}")

    async def events() -> None:
        assert jobs.roll_up is not None
        async with kernel_db.transaction() as session:
            places = [(await unit(session)).id for _ in range(2)]
            people = [(await person(session)).id for _ in range(20)]
            for number in range(40):
                who, where = people[number % 20], places[number % 2]
                service = ("weeks", "complaint")[number % 2]
                await factories.write(
                    session, factories.request(who, minutes=number * 1_500, unit=where, service=service)
                )
                await factories.write(session, factories.ticket(where, minutes=number * 900, service="complaint"))
        await catch_up("savings")

    on(made, events)
    yield made
    drop(made)


@pytest.fixture(autouse=True)
def pointed(url: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", url.render_as_string(hide_password=False))
    forget_settings()
    yield
    monkeypatch.undo()
    forget_settings()


def report(*more: str) -> bytes:
    found = run("report", *SPAN, *more)
    assert found.exit_code == 0, found.output
    return found.stdout_bytes


def number_of(text_: str) -> float:
    return float(text_.replace(",", "").replace("−", "-"))


def test_words_table_and_json_tell_the_same(tmp_path: Path) -> None:
    value = json.loads(report("--format", "json"))
    assert (value["version"], value["seed"], value["draws"]) == (1, 20_260_101, 2_000)
    assert [group["keys"]["service"] for group in value["groups"]] == ["complaint", "weeks"]

    assert run("report", *SPAN, "--format", "parquet", "--out", str(tmp_path / "r.parquet")).exit_code == 0
    table = pq.read_table(tmp_path / "r.parquet")
    assert table.schema.metadata[b"version"] == b"1"
    rows = {(row["service"], row["saved"]): row for row in table.to_pylist()}
    for group in (value["total"], *value["groups"]):
        for saved in ("hours", "mxn", "value_mxn"):
            row = rows[group["keys"].get("service"), saved]
            assert {name: row[name] for name in ("value", "low", "high")} == group[saved]
            assert row["n"] == group["n"]

    words = report().decode()
    assert words.startswith("# Lo que la gente se ahorró\n")
    (line,) = re.findall(r"^\| Todo \| (.*) \|$", words, re.MULTILINE)
    reported = [[number_of(part) for part in re.findall(r"[-−]?[\d,.]+", cell)] for cell in line.split(" | ")]
    total = value["total"]
    assert reported[0] == [total["n"]]
    for cell, saved in zip(reported[1:], ("hours", "mxn", "value_mxn"), strict=True):
        assert cell == [round(total[saved][name]) for name in ("value", "low", "high")]


def test_words_name_version_sources_and_what_is_left_out() -> None:
    words = report().decode()
    assert "## Lo que no cuenta, o cuenta en contra" in words
    assert "Con la versión 1 de las cifras, en pesos de 2026, con 2,000 sorteos y la semilla 20260101" in words
    assert "| Constancia de semanas cotizadas |" in words
    assert "BID 2018, El fin del trámite eterno (Wait No More)" in words
    english = report("--language", "en").decode()
    assert english.startswith("# What people saved\n")
    assert "## Where the figures come from" in english
    assert "IDB 2018, Wait No More, as its authors report" in english
    assert "Horas" not in english
    assert "Supuesto" not in english


def test_no_transactions_is_said_and_not_an_error() -> None:
    found = run("report", "--from", "2020-01-01", "--to", "2020-01-31")
    assert (found.exit_code, "No hay trámites que cuenten" in found.output) == (0, True)


def test_what_cannot_be_determined_ends_with_a_sentence() -> None:
    found = run("report", *SPAN, "--group-by", "weather")
    assert (found.exit_code, "Traceback" in found.output) == (1, False)
    assert "by: " in found.output
    assert run("report", *SPAN, "--version", "9").exit_code == 1
    assert run("report", "--from", "yesterday", "--to", "2026-01-31").exit_code == 2
    assert "--out" in run("report", *SPAN, "--format", "parquet").output


@pytest.mark.parametrize("words", [("report",), ("export", "--out"), ("baseline", "measure")])
def test_days_out_of_order_are_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    folder = [str(tmp_path / "out")] if "--out" in words else []
    before = run("baseline", "list").output
    text_ = refused(*words, *folder, "--from", "2026-12-31", "--to", "2026-01-01")
    assert "The last day is before the first" in text_
    assert list(tmp_path.iterdir()) == []
    assert run("baseline", "list").output == before


@pytest.mark.parametrize("words", [("report", *SPAN, "--version"), ("baseline", "publish"), ("export", "--version")])
def test_a_version_beyond_every_number_is_no_version(words: tuple[str, ...], tmp_path: Path) -> None:
    more = ["--out", str(tmp_path / "out")] if words[0] == "export" else []
    found = run(*words, "99999999999999999999", *more)
    assert (found.exit_code, "2147483647" in said(found)) == (2, True), found.output
    if words[-1] == "publish":
        assert (run(*words, "-1").exit_code, "No such option" in run(*words, "-1").output) == (2, False)
    found = run(*words, "2147483647", *more)
    assert (found.exit_code, "There is no such version" in said(found)) == (1, True), found.output
    assert "See them all: ventanilla savings baseline list" in said(found)
    assert "address" not in said(found)


def test_checking_says_nothing_changed_and_what_would(url: URL) -> None:
    found = run("rebuild", "--check")
    assert found.exit_code == 0, found.output
    assert "Nothing was changed." in found.output
    before = ask(url, "SELECT sum(completed) FROM saving_cell")
    ask(
        url,
        "UPDATE saving_cell SET completed = completed + 1 WHERE period_type = 'M' AND geography = 'S' AND segment = ''",
    )
    touched = ask(url, "SELECT sum(completed) FROM saving_cell")
    found = run("rebuild", "--check")
    assert (found.exit_code, "saving_cell" in found.output, "service_transaction" in found.output) == (1, True, False)
    assert "Run: ventanilla savings rebuild" not in found.output
    assert ask(url, "SELECT sum(completed) FROM saving_cell") == touched != before
    assert run("rebuild").exit_code == 0
    assert ask(url, "SELECT sum(completed) FROM saving_cell") == before
    assert run("rebuild", "--check").exit_code == 0


def test_events_that_wait_are_no_difference(url: URL) -> None:
    ask(url, "UPDATE event_consumer SET position = 0 WHERE name = 'savings'")
    ask(
        url,
        "DELETE FROM saving_cell; DELETE FROM service_transaction; DELETE FROM ticket; DELETE FROM saving_ticket_cell",
    )
    assert run("rebuild", "--check").exit_code == 0
    assert ask(url, "SELECT count(*) FROM service_transaction") == 0
    assert run("rebuild").exit_code == 0
    assert ask(url, "SELECT count(*) FROM service_transaction") == 40


SUMS = "SELECT sum(transactions + completed * 3 + seconds) FROM saving_cell"


def refused(*words: str) -> str:
    """What a command says that ends with status 1. It never leads to a rebuild."""
    found = run(*words)
    assert found.exit_code == 1, found.output
    assert "Traceback" not in found.output
    assert "Error: 1" not in found.output
    assert "Run: ventanilla savings rebuild" not in found.output
    return re.sub(r"\s+", " ", said(found))


def test_a_rebuild_never_loses_what_the_log_no_longer_has(url: URL) -> None:
    """A month removed from the log, or a part of it restored: 40 requests would become 39."""
    before = ask(url, SUMS)
    one = "subject_id = (SELECT min(subject_id::text)::uuid FROM event WHERE type = 'request.decided')"
    ask(url, f"CREATE TABLE removed AS SELECT * FROM event WHERE {one}")
    ask(url, f"DELETE FROM event WHERE {one}")
    for words in (("rebuild",), ("rebuild", "--check")):
        text_ = refused(*words)
        assert "events that the event log no longer has. Nothing was changed." in text_
    assert ask(url, SUMS) == before
    assert ask(url, "SELECT count(*) FROM service_transaction") == 40
    ask(url, "INSERT INTO event SELECT * FROM removed; DROP TABLE removed")
    assert run("rebuild", "--check").exit_code == 0


def test_a_rebuild_refuses_when_it_would_read_fewer_events_than_are_stored(url: URL) -> None:
    before = ask(url, SUMS)
    ask(url, "DELETE FROM event_position WHERE position % 3 = 0")
    for words in (("rebuild",), ("rebuild", "--check")):
        assert re.search(r"only \d+ of the \d+ events stored could be read\. Nothing was changed", refused(*words))
    assert ask(url, SUMS) == before
    found = CliRunner().invoke(cli, ["db", "check"])
    assert (found.exit_code, "were never given a position" in said(found)) == (1, True)
    assert CliRunner().invoke(cli, ["db", "sequence"]).exit_code == 0
    assert CliRunner().invoke(cli, ["db", "check"]).exit_code == 0
    assert run("rebuild").exit_code == 0
    assert ask(url, SUMS) == before


def test_checking_says_which_consumer_is_ahead_of_the_log(url: URL) -> None:
    ask(url, "UPDATE event_consumer SET position = position + 7 WHERE name = 'savings'")
    found = CliRunner().invoke(cli, ["db", "check"])
    assert found.exit_code == 1
    assert re.search(r"savings has read to \d+, the event log ends at \d+", said(found))
    assert CliRunner().invoke(cli, ["db", "sequence"]).exit_code == 0
    assert CliRunner().invoke(cli, ["db", "check"]).exit_code == 0


def test_an_export_is_public_unless_said_otherwise(tmp_path: Path) -> None:
    for words, suppressed in (((), True), (("--full",), False)):
        folder = tmp_path / f"out-{suppressed}"
        found = run("export", "--out", str(folder), *words)
        assert found.exit_code == 0, found.output
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        assert package["small_cells_suppressed"] is suppressed
    again = run("export", "--out", str(tmp_path / "out-True"))
    assert again.exit_code == 1
    assert "exists already" in said(again)
    assert {path.name for path in tmp_path.iterdir()} == {"out-True", "out-False"}


def test_a_prepared_portal_has_its_first_figures_once() -> None:
    """Every command prepares the database; the figures are there from the first time, and only once."""
    for _time in range(2):
        assert re.fullmatch(r"1  published \d{4}-\d\d-\d\d  Cifras iniciales\n", run("baseline", "list").output)


def test_figures_go_out_to_a_spreadsheet_and_come_back_as_a_version(tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    assert run("baseline", "export", "--out", str(file)).exit_code == 0
    file.write_text(
        file.read_text(encoding="utf-8").replace("fare,,,pert,15.0,30.0,70.0", "fare,,,pert,20,40,80"), "utf-8"
    )
    found = run("baseline", "import", str(file), "--note", "Fares of 2026")
    assert (found.exit_code, "draft 2" in found.output) == (0, True)
    assert "2  draft  Fares of 2026" in run("baseline", "list").output
    assert "fare,,,pert,20.0,40.0,80.0" in run("baseline", "export", "--version", "2").output
    found = run("baseline", "measure", *SPAN)
    assert found.exit_code == 0, found.output
    assert "draft 2" in found.output
    assert "Turnos de ventanilla · 2026-01-01/2026-12-31" in run("baseline", "export", "--version", "2").output
    assert run("baseline", "publish", "2").exit_code == 0
    encrypted = run("baseline", "publish", "2")
    assert (encrypted.exit_code, "Traceback" in encrypted.output) == (1, False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        ("\ufeff \n", "the file is empty"),
        ("line,kind,field,value,reason_es,reason_en\n", "this is a file of rejected rows"),
    ],
    ids=["nothing", "blank", "rejected"],
)
def test_figures_of_no_file_of_figures(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(content, encoding="utf-8")
    assert sentence in refused("baseline", "import", str(file))


def test_a_wrong_file_changes_nothing_and_says_which_row(tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    run("baseline", "export", "--version", "1", "--out", str(file))
    file.write_text(file.read_text(encoding="utf-8").replace("fare,,,pert,15.0", "fare,,,pert,99"), encoding="utf-8")
    before = run("baseline", "list").output
    found = run("baseline", "import", str(file))
    assert found.exit_code == 1
    assert re.search(r"\d+\.value: ", said(found))
    assert run("baseline", "list").output == before
