"""Hostile addresses, and other database servers."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import psycopg
from sqlalchemy.engine import URL

HERE = "https://ventanilla.example.mx/en/mi"


HOSTILE = [
    "//host/x",
    "/\\host/x",
    "\\\\host/x",
    "///host",
    "/\t/host/x",
    "/\n/host",
    "https://host/x",
    "javascript:alert(1)",
]


def host_of(address: str) -> str:
    """The host a browser goes to: it drops tabs and line ends, and takes a backslash for a slash."""
    read = "".join(letter for letter in address.strip("\x00 ") if letter not in "\t\n\r")
    bare, mark, query = read.partition("?")
    return urlsplit(urljoin(HERE, bare.replace("\\", "/") + mark + query)).netloc


TYPE = "test.happened"


EACH_IN_ITS_OWN = """
    DO $$ BEGIN FOR n IN {first}..{last} LOOP
        INSERT INTO event (id, at, type, subject_id, actor_kind, channel, payload) VALUES (
            ('01900000-' || lpad(to_hex(n), 4, '0') || '-7000-8000-000000000000')::uuid, now(), '{type}',
            ('00000000-0000-7000-8000-' || lpad(to_hex(n % {subjects}), 12, '0'))::uuid, 'system', 'system',
            jsonb_build_object('number', n));
        COMMIT;
    END LOOP; END $$
"""


def ask(url: URL, question: str) -> Any:
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        done = connection.execute(question.encode())
        return done.fetchone()[0] if done.description else None  # type: ignore[index] # there is a row


def write(url: URL, first: int, last: int, *, subjects: int = 1_000) -> None:
    """Numbered events, each in a transaction of its own."""
    ask(url, EACH_IN_ITS_OWN.format(first=first, last=last, type=TYPE, subjects=subjects))
