"""Book a kept time over HTTP, authenticated and idempotent, event written, against pgbench with the same statements."""

from app.appointments import statements
from bench import dataset
from bench.harness import Result
from bench.load import HttpRequest
from bench.write_benchmark import measure, token_of


def request(n: int) -> HttpRequest:
    """The n-th person books the seat they hold."""
    body = {"hold_id": str(dataset.hold_id(n))}
    return HttpRequest("POST", "/api/v1/appointments", token=token_of(n), key=f"booking-{n:012d}", body=body)


def run() -> Result:
    """At least 0.45 of the limit."""
    return measure("booking", (statements.DECIDE_ON_HOLD, statements.BOOK), request, dataset.hold_all)
