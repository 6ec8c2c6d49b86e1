"""Keep a time over HTTP, authenticated and idempotent, event written, against pgbench with the same statements."""

from app.appointments import sql
from bench import world
from bench.harness import Result
from bench.load import Ask
from bench.writing import measure, token_of


def request(n: int) -> Ask:
    """The n-th person holds the seat with their number."""
    body = {
        "unit_id": str(world.unit_id(n)),
        "service": world.SERVICE,
        "room": world.room(n),
        "start_at": world.start_at(n).isoformat(),
    }
    return Ask("POST", "/api/v1/holds", token=token_of(n), key=f"holding-{n:012d}", body=body)


def run() -> Result:
    """At least a fifth of the limit."""
    return measure("hold", (sql.LOAD_PLACE, sql.HOLD), request, lambda _url, _people: None)
