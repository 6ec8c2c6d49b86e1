"""The Chromium of this machine."""

from shutil import which

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first that is there is used. The shell draws pages as the others do, and starts none of a window's own pages."""


def chromium_program() -> str | None:
    """Return the path of the program that `make browser` installs, or None."""
    return next(filter(None, map(which, PROGRAMS)), None)
