"""Ventanilla: a citizen-service portal that measures the time and money it saves."""

import os

# Sums are multiplied by one thread a process, as requests are served: several that wait for each other are slower
# whenever the machine has other work. Set before the library that reads it is imported anywhere.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
