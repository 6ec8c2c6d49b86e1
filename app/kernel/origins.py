"""Origins of browser programs, as a setting lists them. Pure."""

import re
from urllib.parse import urlsplit

from app.kernel.postgres_address import LOOPBACK

HOST = re.compile(r"[a-z0-9.\-]+|\[[0-9a-f:.]+\]")
DEFAULT_PORTS = {"https": 443, "http": 80}


def parse_origins(text: str) -> frozenset[str]:
    """The origins of a list separated by commas, each as a browser writes it (RFC 6454, 6.2).

    Raises:
        ValueError: one is no origin, or of another machine and unencrypted.
    """
    return frozenset(_origin(entry.strip()) for entry in text.split(",") if entry.strip())


def _origin(written: str) -> str:
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    default = DEFAULT_PORTS.get(parts.scheme)
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, default) else "")
    if default is None or not HOST.fullmatch(shown) or written != origin:
        raise ValueError("must be origins separated by commas, such as https://app.example.mx: no path, no wildcard")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("must begin with https:// but for this machine's own (http://127.0.0.1:5173)")
    return origin
