"""Files half sent, by no one and by someone, to a server as it really runs."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import ids
from tests.conftest import Database
from tests.portal import Portal, running

MEGABYTE = 1 << 20


@pytest.fixture
def portal(db: Database, tmp_path: Path) -> Iterator[Portal]:
    folder = str(tmp_path / "var")
    with running(db.url, tmp_path / "portal.log", jobs=False, DATA_DIR=folder, UPLOADS_AT_ONCE="20") as portal:
        yield portal


def half_sent(portal: Portal, *, path: str = "/api/v1/requests/R-1/documents", headers: str = "") -> socket.socket:
    """A connection that announces a file of ten megabytes and sends as much of it as is taken, up to one."""
    opened = socket.create_connection(("127.0.0.1", portal.port), timeout=5)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    opened.sendall(f"{head}{headers}Content-Length: {10 * MEGABYTE}\r\n\r\n".encode())
    opened.settimeout(0.1)
    with suppress(OSError):
        opened.sendall(bytes(MEGABYTE))
    opened.settimeout(10)
    return opened


def status_of(opened: socket.socket) -> str:
    return opened.recv(4096).decode(errors="replace").split("\r\n", 1)[0]


def resident(portal: Portal) -> int:
    """Memory of the web server and those it started, in bytes."""
    assert portal.web is not None
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            session = stat.read_text().rpartition(")")[2].split()[3]
            if int(session) == portal.web.pid:
                found = re.search(r"VmRSS:\s+(\d+) kB", (stat.parent / "status").read_text())
                total += int(found.group(1)) * 1024 if found else 0
        except OSError:
            continue
    return total


def test_a_hundred_half_sent_by_no_one_hold_no_memory(portal: Portal) -> None:
    with ExitStack() as stack:
        stack.enter_context(half_sent(portal))
        before = resident(portal)
        opened = [stack.enter_context(half_sent(portal)) for _ in range(100)]
        assert {status_of(one) for one in opened} == {"HTTP/1.1 401 Unauthorized"}
        assert resident(portal) - before < 30 * MEGABYTE, "they held 0.9 GB"


def test_half_sent_by_people_go_to_the_disk_and_are_few(portal: Portal) -> None:
    def headers() -> str:
        return f"Authorization: Bearer {issue_access_token(CITIZEN, ids.new_id())[0]}\r\n"

    with ExitStack() as stack:
        one = headers()
        stack.enter_context(half_sent(portal, headers=headers()))
        before = resident(portal)
        own = [stack.enter_context(half_sent(portal, headers=one)) for _ in range(4)]
        assert status_of(own[3]) == "HTTP/1.1 429 Too Many Requests"
        others = [stack.enter_context(half_sent(portal, headers=headers())) for _ in range(30)]
        time.sleep(0.3)
        assert resident(portal) - before < 30 * MEGABYTE
        assert status_of(others[29]) == "HTTP/1.1 503 Service Unavailable"
