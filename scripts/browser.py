"""The Chromium of this machine, as `make browser` installs it."""

from shutil import which

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser")


def headless_shell() -> str | None:
    """Return what draws pages and has no windows, or the whole browser where that is absent."""
    return which(SHELL) or whole_browser()


def whole_browser() -> str | None:
    """Return the browser with its windows, menus and viewers, if there is one."""
    return next(filter(None, map(which, WHOLE)), None)
