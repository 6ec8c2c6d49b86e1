"""The event log is read by position. A transaction id orders nothing outside the sequencer: on another server it means
nothing, and as text 9,999 comes after 10,000."""

import re

from tests.house.source import APP, content, files, name_of

# Who may name it: the table, and the sequencer that finds what is new by it.
KNOWING = {"app/kernel/events.py", "app/kernel/positions.py"}
NAMES_IT = re.compile(r"\bxid8?\b|pg_current_snapshot|pg_snapshot_x|\bxmin\b")
# `SELECT n::text AS n ... ORDER BY n` sorts the text and not the number.
TEXT_UNDER_THE_SAME_NAME = re.compile(
    r"(?:\b(\w+)::text|CAST\((?:\w+\.)?(\w+) AS text\)) AS (?P<name>\w+)\b.*ORDER BY [^()]*(?<!\.)\b(?P=name)\b",
    re.DOTALL,
)


def sources() -> dict[str, str]:
    return {name_of(path): content(path) for path in files(APP)}


def test_nothing_but_the_sequencer_reads_the_log_by_transaction_ids() -> None:
    named = {name for name, code in sources().items() if NAMES_IT.search(code)}
    assert named <= KNOWING


def test_no_statement_sorts_a_number_by_its_text() -> None:
    for name, code in sources().items():
        for statement in re.split(r"\n\n|\n_?[A-Z_]+ = ", code):
            found = TEXT_UNDER_THE_SAME_NAME.search(statement)
            assert found is None or found["name"] not in found.groups()[:2], f"{name}: {statement[:200]}"


def test_the_rule_finds_the_statement_that_lost_events() -> None:
    lost = 'text("SELECT id, xid::text AS xid FROM event WHERE (xid, id) > (:xid, :id)" " ORDER BY xid, id LIMIT 200")'
    assert TEXT_UNDER_THE_SAME_NAME.search(lost)
    assert not TEXT_UNDER_THE_SAME_NAME.search(lost.replace("ORDER BY xid", "ORDER BY event.xid"))
