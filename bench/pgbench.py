"""The limit: what PostgreSQL itself reaches with the very statements a request runs, driven by its own pgbench."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.sql.elements import TextClause

from app.kernel.postgres import DATABASE_USER, EmbeddedServer, account
from bench import dataset

BIND = re.compile(r"(?<![:\w]):([a-z_]+)")
CLIENTS = 16
RATE = re.compile(r"tps = ([0-9.]+) \(without initial")

N = "CAST(:n AS integer)"
BODY_BYTES = 420
COMMON = {
    "now": "now()",
    "actor_id": dataset.sql_uuid(dataset.PERSON, N),
    "holder_id": dataset.sql_uuid(dataset.PERSON, N),
    "person_id": dataset.sql_uuid(dataset.PERSON, N),
    "moved_id": "NULL",
    "call": "NULL",
    "token_issued_at": "now()",
    "unit_id": dataset.sql_unit(N),
    "room": dataset.sql_room(N),
    "start_at": dataset.sql_start(N),
    "on_date": dataset.sql_date(N),
    "service": f"text '{dataset.SERVICE}'",
    "hold_id": dataset.sql_uuid(dataset.HOLD, N),
    "held_until": "(now() + interval '5 minutes')",
    "today": dataset.sql_date("0"),
    "most": "20",
    "appointment_id": "uuidv7()",
    "folio": f"('C-' || lpad(CAST({N} AS text), 12, '0'))",
    "channel": "text 'api'",
    "actor_kind": "text 'citizen'",
    "owner": f"('citizen:' || {dataset.sql_uuid(dataset.PERSON, N)})",
    "key": f"('limit-' || CAST({N} AS text))",
    "key_owner": f"('citizen:' || {dataset.sql_uuid(dataset.PERSON, N)})",
    "key_key": f"('limit-' || CAST({N} AS text))",
    "key_fingerprint": "decode(repeat('ab', 32), 'hex')",
    "key_status": "201",
    "key_headers": """text '{"etag"'""" """ || ': "1"}'""",
    "key_body": f"convert_to(repeat('x', {BODY_BYTES}), 'UTF8')",
    "key_created_at": "now()",
    "event_id": "uuidv7()",
    "event_at": "now()",
    "event_type": "text 'appointment.booked'",
    "event_subject_id": "uuidv7()",
    "event_person_id": dataset.sql_uuid(dataset.PERSON, N),
    "event_unit_id": dataset.sql_unit(N),
    "event_actor_kind": "text 'citizen'",
    "event_actor_id": dataset.sql_uuid(dataset.PERSON, N),
    "event_channel": "text 'api'",
    "event_service": f"text '{dataset.SERVICE}'",
    "event_service_version": "NULL",
    "event_seconds": "NULL",
    "event_device": "NULL",
    "event_payload": """text '{"folio"'""" """ || ': "C-7K3M9-QXT2F-R", "room"' || ': 1}'""",
}


def script(*statements: TextClause, values: Mapping[str, str] = COMMON) -> str:
    """The pgbench script of one request: its statements, each value derived from the serial number `n`."""
    head = "\\set i :i + 1\n\\set n :base + :i * :clients + :client_id\n"
    return head + "\n".join(_filled(statement.text, values) + ";" for statement in statements)


def _filled(statement: str, values: Mapping[str, str]) -> str:
    return " ".join(BIND.sub(lambda match: values[match.group(1)], statement).split())


def rate(server: EmbeddedServer, url: str, text: str, folder: Path, *, base: int, count: int) -> float:
    """Transactions a second that pgbench reaches over `count` of them, starting at number `base`."""
    file = folder / "request.sql"
    file.write_text(text)
    file.chmod(0o644)
    done = subprocess.run(
        [
            *(str(server.bin("pgbench")), "-h", str(server.socket_folder), "-U", DATABASE_USER, "-n", "-M", "prepared"),
            *("-c", str(CLIENTS), "-j", "2", "-t", str(count // CLIENTS), "-f", str(file)),
            *("-D", "i=-1", "-D", f"base={base}", "-D", f"clients={CLIENTS}", str(make_url(url).database)),
        ],
        capture_output=True,
        text=True,
        check=False,
        **account().for_subprocess(),
    )
    found = RATE.search(done.stdout)
    if done.returncode or found is None or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(f"pgbench failed:\n{done.stdout}\n{done.stderr}")
    return float(found.group(1))
