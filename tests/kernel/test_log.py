"""No personal data in logs: by field name, by shape, however deep; and one line an event."""

import json
import logging

import pytest
import structlog

from app.kernel.log import REDACTED, configure_logging, redact_personal_data


def test_fields_and_shapes_are_hidden_however_deep() -> None:
    entry = {
        "event": "booked for NUPA900517MDFXXN07 (ana@ejemplo.mx), NSS 12345678903",
        "curp": "anything",
        "details": {"email": "x", "said": ["nupa900517mdfxxn07", {"phone": "5512345678", "folio": "C-MX6X8-DWFKK-F"}]},
        "request_id": "0192f0c4-12345678903",
        "status": 201,
    }
    hidden = redact_personal_data(None, "info", entry)
    text = json.dumps(hidden)
    for personal in ("NUPA", "nupa", "ana@", "anything", "5512345678"):
        assert personal not in text
    assert hidden["event"] == f"booked for {REDACTED} ({REDACTED}), NSS {REDACTED}"
    assert hidden["details"]["said"][1]["folio"] == "C-MX6X8-DWFKK-F"
    assert (hidden["request_id"], hidden["status"]) == ("0192f0c4-12345678903", 201)


def test_libraries_and_faults_go_through_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging("INFO", "json")
        with structlog.contextvars.bound_contextvars(request_id="abc-123"):
            try:
                raise ValueError("Key (curp)=(NUPA900517MDFXXN07) already exists")
            except ValueError:
                logging.getLogger("some.library").exception("could not write %s", "ana@ejemplo.mx")
            structlog.get_logger("ours").info("did", nss="12345678903")
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["request_id"] for line in lines] == ["abc-123", "abc-123"]
    assert "ValueError" in lines[0]["exception"]
    assert "NUPA" not in json.dumps(lines)
    assert "ana@" not in json.dumps(lines)
    assert lines[1]["nss"] == REDACTED
