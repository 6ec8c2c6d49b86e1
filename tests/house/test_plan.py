"""The rules of the house, checked: size, banned calls, migrations, settings and problems documented."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import APP, ROOT, content, files, name_of, nodes

MAX_LINES = 400
WAIVERS = ROOT / "tests" / "house" / "waivers.txt"
BANNED_CALLS = {
    "HTTPException": "raise a Problem",
    "print": "log, or speak through the command line's console",
    "uuid4": "ids come from kernel.ids",
    "utcnow": "the clock is kernel.clock",
}
BANNED_METHODS = {
    "commit": "the edge commits",
    "now": "the clock is kernel.clock",
    "today": "the clock is kernel.clock",
}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from files(ROOT / folder)


def waivers() -> dict[str, str]:
    lines = [line for line in WAIVERS.read_text().splitlines() if line and not line.startswith("#")]
    return {path: reason for path, _sep, reason in (line.partition("  ") for line in lines)}


def test_files_stay_small() -> None:
    long = {
        name_of(path): count
        for path in sources("app", "tests", "bench", "migrations")
        if (count := len(content(path).splitlines())) > MAX_LINES
    }
    assert {path: count for path, count in long.items() if path not in waivers()} == {}


def test_waivers_are_earned() -> None:
    for path, reason in waivers().items():
        assert reason.strip(), f"{path}: a waiver needs a reason"
        assert len((ROOT / path).read_text().splitlines()) > MAX_LINES, f"{path}: the waiver's cause is gone"


def calls(path: Path) -> Iterator[tuple[str, str, int]]:
    """(object, function, line) of every call in a file."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id, node.lineno
            elif isinstance(node.func, ast.Attribute):
                owner = node.func.value
                yield owner.id if isinstance(owner, ast.Name) else "?", node.func.attr, node.lineno


def test_no_banned_calls_outside_the_kernel() -> None:
    found = []
    for path in sources("app"):
        if path.is_relative_to(APP / "kernel"):
            continue
        for owner, function, line in calls(path):
            clock_of_ours = owner == "clock"
            if function in BANNED_CALLS and owner == "":
                found.append(f"{name_of(path)}:{line} {function}: {BANNED_CALLS[function]}")
            if function in BANNED_METHODS and owner != "" and not clock_of_ours:
                found.append(f"{name_of(path)}:{line} .{function}(): {BANNED_METHODS[function]}")
    assert found == []


def test_forms_are_read_within_limits() -> None:
    """A form of a million empty fields takes a second to parse: only `page_form` reads one, and counts first."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources("app")
        if path != ROOT / "app" / "kernel" / "http" / "pages.py"
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "form"
    ]
    assert found == []


# What reads text that someone sends, and trips over some of it: `kernel/parsing.py` has the readers.
TRIPS = {"isdigit", "isdecimal", "isnumeric"}
TRIPS_AT_THE_EDGE = {"int", "fromisoformat"}


def at_the_edge(path: Path) -> bool:
    inside = path.relative_to(APP).parts
    return inside[0] == "web" or any(part in {"api", "api.py"} for part in inside)


def test_patterns_of_what_is_sent_name_their_digits() -> None:
    r"""`\d` matches the digits of every script, which no column of ours holds."""
    found = []
    for path in sources("app"):
        if path.name in {"log.py", "svg_renderer.py"}:  # what they look through is ours
            continue
        for node in nodes(path):
            # A docstring that speaks of it has several lines; no pattern of ours does.
            said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if r"\d" in said and "\n" not in said:
                assert isinstance(node, ast.Constant)
                found.append(f"{name_of(path)}:{node.lineno}")
    for path in files(APP, "*.yaml"):
        found += [name_of(path)] if r"\d" in content(path) else []
    assert found == []


def test_text_is_read_by_the_readers_of_the_kernel() -> None:
    found = []
    for path in sources("app"):
        if path == APP / "kernel" / "parsing.py":
            continue
        refused = TRIPS | TRIPS_AT_THE_EDGE if at_the_edge(path) else TRIPS
        found += [f"{name_of(path)}:{line} {name}" for _owner, name, line in calls(path) if name in refused]
    assert found == []


def test_rows_that_a_statement_wrote_are_counted_in_one_place() -> None:
    """`db.rows_written` knows the type of the result; elsewhere each count would silence the type checker again."""
    counted = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources("app")
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "rowcount" and path != APP / "kernel" / "db.py"
    ]
    assert counted == []


def test_packages_read_their_own_settings() -> None:
    """A package reads its own section and those below it; only what starts a process reads all of them."""
    allowed = ("main.py", "settings.py", "commands/")
    for path in sources("app"):
        inside = str(path.relative_to(APP))
        if not inside.startswith(allowed):
            assert "portal_settings" not in content(path), f"{inside} reads every setting"


def test_what_may_be_guessed_is_limited_in_one_place() -> None:
    """A limit of its own soon counts right answers, or an address that a clinic shares: see decision 5."""
    allowed = {"app/identity/service/attempts.py", "app/identity/service/staff.py", "app/kernel/housekeeping.py"}
    # Not guesses but work: files that a person sends, streams that an address holds open, numbers that a kiosk gives,
    # tests of texts, browsers that a person turns on.
    named = {
        "app/desk/service/kiosk.py",
        "app/kernel/http/middleware.py",
        "app/kernel/http/sse.py",
        "app/notifications/push_subscriptions.py",
        "app/notifications/templates/editing.py",
        "app/requests/service/attachments.py",
    }
    users = {
        name_of(path)
        for path in sources("app")
        if re.search(r"\brate_limits\b", content(path)) and path.stem not in {"rate_limits", "tables"}
    }
    assert users <= allowed | named


def test_migrations_are_one_line_and_head_is_named() -> None:
    files = sorted(path.stem for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    numbers = [int(name[:4]) for name in files]
    assert numbers == list(range(1, len(files) + 1))
    assert (ROOT / "migrations" / "HEAD").read_text().strip() == files[-1]
    for before, name in zip([None, *files], files, strict=False):
        text = (ROOT / "migrations" / "versions" / f"{name}.py").read_text()
        assert re.search(rf'^revision(: str)? = "{name}"$', text, re.MULTILINE), name
        assert f"down_revision = {before!r}".replace("'", '"') in re.sub(
            r"down_revision: [^=]+=", "down_revision =", text
        )


@pytest.mark.parametrize("path", ["app", "tests", "bench", "migrations", "docs", "README.md", "Makefile"])
def test_the_project_speaks_of_itself_alone(path: str) -> None:
    """No address of a package host in a lock file, and no path of someone's machine anywhere."""
    machine = re.compile(r"(?<![\w.])/(work|root|home/\w+)/")
    place = ROOT / path
    files = (
        [place] if place.is_file() else [p for p in place.rglob("*") if p.suffix in {".py", ".md", ".toml", ".json"}]
    )
    for file in files:
        if "static" in file.parts or "node_modules" in file.parts or file == Path(__file__):
            continue
        assert not machine.search(file.read_text(errors="replace")), f"{file} names a path of one machine"


OPEN_QUOTES_SEEN = {
    "app/kernel/tabular/files.py": "looks at rows of several lines again",
    "app/registry/importers/reader.py": "refuses the line and goes on with the next",
    "app/commands/baseline.py": "reads the header only",
}


def test_no_table_is_read_in_which_an_open_quotation_mark_hides_rows() -> None:
    lenient = {
        name_of(path)
        for path in files(APP)
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"csv.reader", "csv.DictReader"}
        and not any(one.arg == "strict" for one in node.keywords)
    }
    assert lenient == set(OPEN_QUOTES_SEEN), "csv.reader(…, strict=True)"


LOCKS = sorted([*(ROOT / "requirements").glob("*.txt"), *(ROOT / "requirements").glob("*/package-lock.json")])


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_locks_have_hashes_and_no_host(lock: Path) -> None:
    """npm writes addresses of each package and of who asks for donations: the second go by hand."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    if lock.suffix == ".txt":
        assert text.count("--hash=sha256:") > text.count("==")
    else:
        packages = json.loads(text)["packages"]
        assert len(packages) > 1
        assert [path for path, one in packages.items() if path and "integrity" not in one] == []
