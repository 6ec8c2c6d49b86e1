"""A service that changes gets a new version: a database refuses another text under a number it knows."""

from scripts import published


def test_no_text_changed_under_an_old_number() -> None:
    known, current = published.known(), published.current()
    missing = sorted(set(current) - set(known))
    assert missing == [], "run `make docs-reference`"
    changed = sorted(one for one, digest in current.items() if known[one] != digest)
    assert changed == [], "raise `version` in these files, then run `make docs-reference`"
