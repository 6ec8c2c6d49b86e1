"""Ventanilla: a citizen-service portal that measures the time and money it saves."""

import gc
import os

__version__ = "0.1.0"

# Sums are multiplied by one thread a process, as requests are served: several that wait for each other are slower
# whenever the machine has other work. Set before the library that reads it is imported anywhere.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What is loaded while a process starts stays: the collector would look at it again and again, for a sixth of the start.
# Afterwards it looks seldom, too: a request leaves few cycles behind.
gc.set_threshold(20_000, 20, 50)
