"""A demonstration portal on a free port, with a database that is deleted afterwards, and signing in to it."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pyotp
from playwright.async_api import Page

from app.demo.load import PASSWORD, TOTP_SECRET
from app.kernel.settings import PREFIX

READY_SECONDS, CODE_SECONDS = 300, 30
PORTS = 8200, 8400, 2
CITIZEN = re.compile(r"Citizen +CURP ([A-Z0-9]{18})")
OPEN = "Stop with Ctrl-C."
CODE = re.compile(r"Su código: (\d{6})")


@dataclass(frozen=True, slots=True)
class DemoPortal:
    """Where the portal answers, the citizens who have an account, and the settings it runs with."""

    address: str
    curps: tuple[str, ...]
    environment: Mapping[str, str]

    @contextmanager
    def live_day(self, *options: str) -> Iterator[None]:
        """Run a clinic's day for as long as the block lasts."""
        command = [sys.executable, "-m", "app.cli", "demo", "--live", *options]
        process = subprocess.Popen(
            command, env=dict(self.environment), stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()

    async def sign_in(self, page: Page, curp: str) -> None:
        """Sign a citizen in with a code from the development mail page."""
        await page.goto(urljoin(self.address, "/entrar"))
        await page.fill("input[name=identifier]", curp)
        before = await self._codes(page)
        await _press_main_button(page)
        for _ in range(CODE_SECONDS * 5):
            codes = await self._codes(page)
            if len(codes) > len(before):
                break
            await asyncio.sleep(0.2)
        else:
            raise RuntimeError(f"no code arrived within {CODE_SECONDS} seconds")
        await page.fill("input[name=code]", codes[0])
        await _press_main_button(page)

    async def _codes(self, page: Page) -> list[str]:
        """The codes sent so far, newest first."""
        answer = await page.context.request.get(urljoin(self.address, "/desarrollo/correo"))
        return CODE.findall(await answer.text())

    async def sign_in_staff(self, page: Page, username: str) -> None:
        """Sign a member of staff of the demonstration in."""
        await page.goto(urljoin(self.address, "/ventanilla/entrar"))
        await page.fill("input[name=username]", username)
        await page.fill("input[name=password]", PASSWORD)
        await page.fill("input[name=code]", pyotp.TOTP(TOTP_SECRET).now())
        await _press_main_button(page)


async def _press_main_button(page: Page) -> None:
    async with page.expect_navigation():
        await page.locator("main form button:not(.govuk-button--secondary)").first.click()


@contextmanager
def demo_portal() -> Iterator[DemoPortal]:
    """Run `ventanilla up` for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="ventanilla-screenshots-") as folder:
        Path(folder).chmod(0o755)  # run by root, the database has an account of its own, which has to enter
        log, port = Path(folder) / "log", _free_port()
        given = {"DATA_DIR": str(Path(folder) / "var"), "PORT": str(port), "REQUEST_LIMIT_PER_MINUTE": "0"}
        # Settings of the shell that runs this don't reach the portal: the pictures are the same everywhere.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment |= {f"{PREFIX}{name}": value for name, value in given.items()}
        command = [sys.executable, "-m", "app.cli", "up"]
        with log.open("w") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        try:
            greeting = _wait_until_open(process, log)
            yield DemoPortal(f"http://127.0.0.1:{port}", tuple(CITIZEN.findall(greeting)), environment)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _free_port() -> int:
    """A port whose successor, the worker's, is free too."""
    for port in range(*PORTS):
        with socket.socket() as web, socket.socket() as worker, suppress(OSError):
            web.bind(("127.0.0.1", port))
            worker.bind(("127.0.0.1", port + 1))
            return port
    raise RuntimeError("no free port")


def _wait_until_open(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text(encoding="utf-8")
        if OPEN in text:
            return text
        time.sleep(0.2)
    raise RuntimeError(f"the portal did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")
