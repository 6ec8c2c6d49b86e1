"""The portal's service worker: its address, and the pages whose browsers register it.

It is at the root, since a worker answers for addresses below its own. What it is made of is in `assets/portalworker`.
"""

from fastapi import Request

from app.web.browser import work_cookie_name
from app.web.settings import page_settings

ADDRESS = "/worker.js"
OTHERS = ("/ventanilla", "/pantalla", "/desarrollo")
"""Where pages begin that aren't for citizens: of staff, boards and kiosks."""


def is_for_citizens(request: Request) -> bool:
    """Whether the page is one of those that can be installed."""
    path = str(request.scope["path"])
    return not any(path == start or path.startswith(f"{start}/") for start in OTHERS)


def has_worker(request: Request) -> bool:
    """Whether this page registers the worker: a page for citizens, unless the browser was prepared for the day sheet,
    which has a worker of its own and is shared."""
    is_shared = work_cookie_name() in request.cookies
    return page_settings().service_worker and is_for_citizens(request) and not is_shared
