"""The long load test: at least 100,000 operations, with everything that can be killed being killed."""

from bench.contention import report, run_load_with_faults
from bench.harness import Result

OPERATIONS = 100_000


def run() -> Result:
    """The share of runs whose books are right: one, or the benchmark is short."""
    outcome = run_load_with_faults(people=400, slots=150, clients=200, operations=OPERATIONS, pause=4.0, waits=True)
    report(outcome)
    return Result("contention", 0.0 if outcome.wrong else 1.0, 1.0, also=outcome.journal.operations >= OPERATIONS)
