"""The portal's service worker: its address, and the pages whose browsers register it.

It is at the root, since a worker answers for addresses below its own. What it is made of is in `assets/portalworker`.
"""

from fastapi import Request

from app.web.browser import work_cookie_name
from app.web.settings import page_settings

ADDRESS = "/worker.js"
OTHERS = ("/ventanilla", "/pantalla", "/desarrollo")
"""Where pages begin that aren't for citizens: of staff, boards and kiosks."""


def has_worker(request: Request) -> bool:
    """Whether this page registers the worker: not a page of staff, and not in a browser that was prepared for the day
    sheet, which has a worker of its own and is shared."""
    path = str(request.scope["path"])
    is_other = any(path == start or path.startswith(f"{start}/") for start in OTHERS)
    return page_settings().service_worker and not is_other and work_cookie_name() not in request.cookies
