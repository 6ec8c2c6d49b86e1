"""A CalDAV server on loopback, and a calendar program that keeps a collection there as invitations say (RFC 5546)."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import caldav
import httpx
from icalendar import Calendar

from tests.portal import free_port

READY_SECONDS = 30


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Radicale in a process of its own, with an empty store; yields its address."""
    port = free_port()
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "auth-type": "none",
        "storage-filesystem-folder": str(folder / "collections"),
        "logging-level": "warning",
    }
    command = [sys.executable, "-m", "radicale", "--config", ""]
    for name, value in options.items():
        command += [f"--{name}", value]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait(address, folder / "log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=READY_SECONDS)


def _wait(address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(address, timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the calendar server did not start:\n{log.read_text()[-2000:]}")


class FollowedCalendar:
    """One person's collection. `receive` does with a message what RFC 5546 (2.1.5 and 3.2) asks of a calendar program:
    it finds the event by UID and organizer, ignores what is older than it has, and stores or deletes it."""

    def __init__(self, address: str, owner: str) -> None:
        self._client = caldav.DAVClient(url=address, username=owner, password="secret")
        self._collection = self._client.principal().make_calendar(name="Citas")

    def close(self) -> None:
        self._client.close()

    def events(self) -> list[Any]:
        """What the server has now."""
        return [one for stored in self._collection.events() for one in stored.icalendar_instance.walk("VEVENT")]

    def receive(self, text: str) -> None:
        message = Calendar.from_ical(text)
        (sent,) = message.walk("VEVENT")
        assert {"ORGANIZER", "ATTENDEE"} <= set(sent), "there is no invitation without them"
        stored = [one for one in self._collection.events() if one.icalendar_component["uid"] == sent["uid"]]
        for one in stored:
            assert one.icalendar_component["organizer"] == sent["organizer"], "only who invited may change it"
            if _age(one.icalendar_component) > _age(sent):
                return
        if message["method"] == "CANCEL":
            for one in stored:
                one.delete()
            return
        assert message["method"] == "REQUEST"
        del message["method"]  # of the message, not of what is stored (RFC 4791, 4.1)
        # Not by `save_event`, which adds one to SEQUENCE.
        url = self._collection.url.join(f"{sent['uid']}.ics")
        answer = self._client.put(str(url), message.to_ical().decode(), {"Content-Type": "text/calendar"})
        assert answer.status in (201, 204), answer.raw


def _age(event: Any) -> tuple[int, Any]:
    return int(event.get("sequence", 0)), event.decoded("dtstamp")
