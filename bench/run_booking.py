"""Book a kept time over HTTP, authenticated and idempotent, event written, against pgbench with the same statements."""

from app.appointments import sql
from bench import world
from bench.harness import Result
from bench.load import Ask
from bench.writing import measure, token_of


def request(n: int) -> Ask:
    """The n-th person books the seat they hold."""
    body = {"hold_id": str(world.hold_id(n))}
    return Ask("POST", "/api/v1/appointments", token=token_of(n), key=f"booking-{n:012d}", body=body)


def run() -> Result:
    """At least a fifth of the limit."""
    return measure("booking", (sql.LOAD_HELD, sql.BOOK), request, world.hold_all)
