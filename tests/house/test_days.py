"""A day is the unit's day: one function and one fragment of SQL say which it is, and nothing else does."""

import ast
import re
from pathlib import Path

from tests.house.source import APP, TEMPLATES, content, files, name_of, nodes

# Where the day of an instant is worked out.
THE_CLOCK = "app/kernel/clock.py"
# What has no unit: the country's figures and those of its law, the demonstration as a whole, and work that stopped.
NO_UNIT = (
    *(
        "app/savings/",
        "app/web/data/",
        "app/commands/savings.py",
        "app/commands/saving_report.py",
        "app/demo/",
        "app/web/staff/dead_letters.py",
    ),
    *("app/law/", "app/commands/law.py", "app/web/citizen/law.py", "app/catalog/figures.py"),
)

SQL = re.compile(
    r"::\s*date\b|\bcurrent_date\b|\blocaltimestamp\b|\bnow\(\)\s*::|\btimestamptz\)\s*AS\s+date\b"
    r"|date_trunc\('day'|\bCAST\(\s*:now\s+AS\s+date\b|\w+_at\s+AS\s+date\b",
    re.IGNORECASE,
)
FORMATS = {"format_datetime", "format_time"}


def sources() -> list[tuple[str, Path]]:
    found = [(name_of(path), path) for path in files(APP)]
    return [(name, path) for name, path in found if name != THE_CLOCK]


def strings(path: Path) -> list[tuple[int, str]]:
    """Texts of a file, without docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said = {
        id(node.body[0].value)
        for node in nodes(path)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]


def names_day_of_its_own(call: ast.Call) -> str | None:
    """What a call makes a day of an instant with, other than the clock's function."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return None
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    if function.attr == "date" and not call.args:
        return ".date()"
    if function.attr == "today" and owner != "clock":
        return ".today()"
    if owner == "func" and function.attr in {"date", "current_date", "now", "timezone", "date_trunc"}:
        return f"func.{function.attr}"
    if function.attr == "strftime":
        return ".strftime()"
    return None


def test_only_the_clock_says_which_day_an_instant_is() -> None:
    found = []
    for name, path in sources():
        found += [f"{name}:{line} {match.group()}" for line, said in strings(path) if (match := SQL.search(said))]
        calls = [node for node in nodes(path) if isinstance(node, ast.Call)]
        found += [f"{name}:{call.lineno} {what}" for call in calls if (what := names_day_of_its_own(call))]
    assert found == [], "use app.kernel.clock: local_day, local_day_sql, local_day_column, today(zone)"


def test_a_zone_is_the_unit_s_wherever_there_is_a_unit() -> None:
    """The country's centre stands in only where the function that looks for the unit finds none."""
    found = []
    for name, path in sources():
        if name.startswith(NO_UNIT):
            continue
        for number, line in enumerate(content(path).splitlines(), 1):
            if re.search(r"today\(\s*(clock\.)?CENTRE|zone[^=]*=\s*(clock\.)?CENTRE", line):
                found.append(f"{name}:{number} {line.strip()}")
    pages = [path for path in files(TEMPLATES, "*.html") if path.parent.name != "data"]
    found += [path.name for path in pages if '"America/' in content(path)]
    assert found == [], "ask app.places.queries: zone_of, today_at"


def test_babel_gets_the_zone_of_an_instant() -> None:
    """Instants are formatted by `i18n.format_hour` and `words.day_of`, which take the zone; nothing else does."""
    found = []
    for name, path in sources():
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module == "babel.dates" and name != "app/kernel/i18n.py":
                found += [f"{name}:{node.lineno} {one.name}" for one in node.names if one.name in FORMATS]
    assert found == []
    filters = re.compile(
        r"\|\s*(date|datetime|time)(format)?\b|\.(strftime|date|time)\(|_at\.(isoformat|year|month|day)\b"
    )
    pages = files(TEMPLATES, "*.html")
    written = [(path.name, match.group()) for path in pages for match in filters.finditer(content(path))]
    assert [one for one in written if one[1] != "_at.isoformat"] == []
