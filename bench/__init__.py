"""Benchmarks: our speed as a ratio to a limit or a peer on the same work, in one run. `make bench [BENCH=name]`."""
