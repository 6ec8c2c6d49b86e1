"""`python -m bench [name ...]`: run all benchmarks, or those named. The last line of each is its result."""

import sys
from importlib import import_module

from bench.harness import prepare

NAMES = (
    "booking",
    "hold",
    "search",
    "import",
    "contention",
    "claims",
    "call-next",
    "board",
    "forecast",
    "lifecycle",
    "certificates",
    "coverage",
    "savings",
    "consumers",
    "reminders",
    "webhooks",
    "waitlist",
    "fhir",
)


def main() -> int:
    """Run them one after another; the exit status says whether each reached its target."""
    wanted = sys.argv[1:] or NAMES
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    prepare()
    short = 0
    for name in wanted:
        result = import_module(f"bench.run_{name.replace('-', '_')}").run()
        print(result, flush=True)
        short += not result.ok
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
