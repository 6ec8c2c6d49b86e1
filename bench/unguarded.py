"""The portal with a guard taken away, to see that the reconciliation notices: for benchmarks and fault tests only.

Which one is in BENCH_WITHOUT. Some guards stand twice, in a statement and in the database; the other half is taken
away by `SPOIL`.
"""

import os

from fastapi import FastAPI
from sqlalchemy import text

from app.appointments import statements
from app.main import create_app

OFFER, ANY = "((s.state = 'free'", "(true OR (s.state = 'free'"
VERSION = "AND version = CAST(:version AS integer)"
GUARDS = ("offer", "key", "version", "register")
SPOIL: dict[str, tuple[str, ...]] = {
    "none": (),
    "offer": (
        "ALTER TABLE seat DROP CONSTRAINT ck_seat_appointment",
        "DROP INDEX uq_appointment_seat",
    ),
    "key": ("ALTER TABLE idempotency_key DROP CONSTRAINT pk_idempotency_key",),
    "version": (),
    "register": ("DROP INDEX uq_seat_holder", "ALTER TABLE active_appointment DROP CONSTRAINT pk_active_appointment"),
}


def unguarded() -> FastAPI:
    """The application without the guard named in the environment."""
    guard = os.environ["BENCH_WITHOUT"]
    if guard == "offer":
        for name in ("HOLD", "MOVE"):
            setattr(statements, name, text(getattr(statements, name).text.replace(OFFER, ANY)))
    if guard == "version":
        for name in ("MOVE", "CANCEL"):
            setattr(statements, name, text(getattr(statements, name).text.replace(VERSION, "")))
    if guard == "register":
        without = statements.HOLD.text.replace("s.state = 'held' AND s.holder_id", "false AND s.holder_id")
        statements.HOLD = text(without)
    return create_app()
