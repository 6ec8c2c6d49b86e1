"""Keep a time over HTTP, authenticated and idempotent, event written, against pgbench with the same statements."""

from app.appointments import statements
from bench import dataset
from bench.harness import Result
from bench.load import HttpRequest
from bench.write_benchmark import measure, token_of


def request(n: int) -> HttpRequest:
    """The n-th person holds the seat with their number."""
    body = {
        "unit_id": str(dataset.unit_id(n)),
        "service": dataset.SERVICE,
        "room": dataset.room(n),
        "start_at": dataset.start_at(n).isoformat(),
    }
    return HttpRequest("POST", "/api/v1/holds", token=token_of(n), key=f"holding-{n:012d}", body=body)


def run() -> Result:
    """At least 0.45 of the limit."""
    return measure("hold", (statements.DECIDE_ON_PLACE, statements.HOLD), request, lambda _url, _people: None)
