"""Structured logs: one line an event, with the request's id, and without personal data.

Entries contain ids and no personal data. As a safeguard, values under names of personal fields are redacted.
"""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.types import EventDict, Processor

PERSONAL_FIELDS = frozenset(
    {"curp", "nss", "email", "phone", "name", "given_names", "surname", "code", "token", "password", "secret"}
)
REDACTED = "[redacted]"
CURP_SHAPE = re.compile(r"\b[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d\b", re.IGNORECASE)
EMAIL_SHAPE = re.compile(r"[^\s<>\"'(),;:@]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
NSS_SHAPE = re.compile(r"\b\d{11}\b")


def redact_personal_data(_logger: Any, _method: str, entry: EventDict) -> EventDict:
    """Blank what must not be written, by field name and by shape."""
    for key, value in entry.items():
        if key not in {"timestamp", "request_id"}:
            entry[key] = REDACTED if key in PERSONAL_FIELDS else _redact(value)
    return entry


def _redact(value: Any) -> Any:
    if isinstance(value, str):
        # Without the sign, every position of a long text would be tried as the beginning of an address.
        value = EMAIL_SHAPE.sub(REDACTED, value) if "@" in value else value
        return NSS_SHAPE.sub(REDACTED, CURP_SHAPE.sub(REDACTED, value))
    if isinstance(value, dict):
        return {key: REDACTED if key in PERSONAL_FIELDS else _redact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redact(inner) for inner in value]
    return value


class StderrLogger:
    """Writes a finished line. Each request has one: through the standard logging it would be built twice over."""

    def __init__(self, name: str = "ventanilla") -> None:
        self.name = name

    def write(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = write


def configure_logging(level: str, style: str) -> None:
    """Send every log of this process, ours and libraries', through the same lines on standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_personal_data,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=StderrLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Jobs say when they fail; that each began and ended is noise.
    logging.getLogger("procrastinate").setLevel(max(logging.WARNING, root.level))
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(noisy).handlers = []
        logging.getLogger(noisy).propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # our own access line has the request id
