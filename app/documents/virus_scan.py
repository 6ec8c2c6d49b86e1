"""Client of the virus scanner, if one is configured."""

from typing import IO, Literal

import structlog
from aioclamd import ClamdAsyncClient

from app.documents.problems import FileInfected
from app.documents.settings import storage_settings

log = structlog.get_logger(__name__)

SECONDS = 20


async def scan(file: IO[bytes]) -> Literal["unscanned", "clean"]:
    """Return `clean`, or `unscanned` if there is no scanner or it is unavailable; officers see which.

    Raises:
        FileInfected: it found something.
    """
    settings = storage_settings()
    if settings.clamd_host is None:
        return "unscanned"
    client = ClamdAsyncClient(settings.clamd_host, settings.clamd_port, timeout=SECONDS)
    try:
        answer = await client.instream(file)
        verdict, found = answer["stream"]
    except Exception:  # a failing scanner must not lose the citizen's document
        log.warning("scanner_unavailable", exc_info=True)
        return "unscanned"
    if verdict == "FOUND":
        log.warning("file_infected", signature=found)
        raise FileInfected
    if verdict != "OK":
        log.warning("scanner_failed", reason=found)
        return "unscanned"
    return "clean"
