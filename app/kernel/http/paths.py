"""Same-origin paths: the targets of links, forms and redirects."""

from urllib.parse import quote

# Characters that need no encoding in a path (RFC 3986, 3.3), and `%`, since most paths here are encoded already.
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
    """Return a client-supplied return path if it is a safe same-origin path, else an empty string."""
    is_path = text.startswith("/") and not text.startswith("//") and len(text) <= LONGEST
    return text if is_path and text.isprintable() and "\\" not in text and ":" not in text else ""
