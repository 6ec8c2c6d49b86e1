"""Addresses of our own host: what a link, a form or a redirect may lead to."""

from urllib.parse import quote

# Characters that a path keeps as they are (RFC 3986, 3.3); `%` too, since most paths here are encoded already.
SAFE_CHARACTERS = "/:@!$&'()*+,;=~%-._"
LONGEST = 200


def own_path(path: str) -> str:
    """The path as an address of this host, whatever it was decoded to.

    A browser reads `//host/x` and `/\\host/x` as another host (WHATWG URL, 4.4): slashes and backslashes at the start
    become one slash, and what isn't a character of a path is percent-encoded.
    """
    bare, mark, query = path.partition("?")
    encoded = quote(bare.lstrip("/\\"), safe=SAFE_CHARACTERS + "#")
    return "/" + encoded + mark + quote(query, safe=SAFE_CHARACTERS + "?#")


def local_path(text: str) -> str:
    """A path of this host to go back to, as somebody sent it; empty when it is, or may be read as, anything else."""
    is_path = text.startswith("/") and not text.startswith("//") and len(text) <= LONGEST
    return text if is_path and text.isprintable() and "\\" not in text and ":" not in text else ""
