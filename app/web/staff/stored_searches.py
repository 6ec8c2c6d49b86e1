"""What staff searched for, stored encrypted with their session: a search leads to a page with an address of its own
without names, so that Back and a reload find it again."""

from app.kernel import ids
from app.kernel.crypto import decrypt, encrypt
from app.web.browser import BrowserSession

PURPOSE = "staff search"
MAX_STORED = 10
TOKEN_BYTES = 9


def store_search(browser: BrowserSession, kind: str, words: str) -> str:
    """Store what was searched for on this kind of page, in place of the oldest; returns its number for the address."""
    number = ids.new_secret(TOKEN_BYTES)
    stored = list(browser.answers.get(kind, []))[-(MAX_STORED - 1) :]
    browser.remember(**{kind: [*stored, [number, encrypt(PURPOSE, words).decode()]]})
    return number


def stored_search(browser: BrowserSession, kind: str, number: str) -> str | None:
    """What was searched for; None when it isn't stored (any more) with this session."""
    for stored, words in browser.answers.get(kind, []):
        if stored == number:
            try:
                return decrypt(PURPOSE, words.encode())
            except ValueError:  # encrypted with a key that is no more
                return None
    return None
