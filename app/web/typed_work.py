"""Whether a page that answers a form shows again what was typed into it: only then may it say so. Buttons, hidden
fields and an answer whose form is there no more show nothing of it."""

from collections.abc import Collection
from html.parser import HTMLParser

CHOSEN = {"checkbox": "checked", "radio": "checked"}
NOT_TYPED = {"hidden", "submit", "button", "image", "reset", "file", "password"}


class _Typed(HTMLParser):
    """Collects the names of the fields of forms (method POST) that hold something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._is_form = False
        self._name = ""
        """Of the select or textarea that is open."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name") or "", given.get("type") or "text"
        if tag == "form":
            self._is_form = (given.get("method") or "").lower() == "post"
        elif not self._is_form:
            return
        elif tag in ("select", "textarea"):
            self._name = name
        elif tag == "option" and "selected" in given and given.get("value"):
            self.found.add(self._name)
        elif tag == "input" and kind not in NOT_TYPED:
            is_filled = CHOSEN[kind] in given if kind in CHOSEN else bool(given.get("value"))
            self.found |= {name} if is_filled else set()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_form = False
        elif tag in ("select", "textarea"):
            self._name = ""

    def handle_data(self, data: str) -> None:
        if self._is_form and self._name and self.lasttag == "textarea" and data.strip():
            self.found.add(self._name)


def shows_typed(page: str, sent: Collection[str]) -> bool:
    """Whether the page has a form in which one of the fields that were sent with something in them is filled."""
    if not sent:
        return False
    reader = _Typed()
    reader.feed(page)
    return not reader.found.isdisjoint(sent)
