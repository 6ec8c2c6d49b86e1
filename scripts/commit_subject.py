"""`python -m scripts.commit_subject FILE`: check the subject of a commit's message, as git's hook `commit-msg` does."""

import re
import sys
from pathlib import Path

LONGEST = 72
SUBJECT = re.compile(r"[a-z][\w./-]*(?:, [a-z][\w./-]*)*: [a-z0-9`'\"].*[^.\s]")
BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")
RULE = f"write `area: what changes`, imperative, in lower case, without a full stop, in {LONGEST} characters at most"


def issue(message: str) -> str | None:
    """Return what is wrong with the subject of a message; None if nothing is."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(BY_GIT):
        return None
    if len(subject) > LONGEST:
        return f"the subject has {len(subject)} characters: {RULE}"
    if not SUBJECT.fullmatch(subject):
        return f"the subject is {subject!r}: {RULE}"
    if len(lines) > 1 and lines[1].strip():
        return "the line after the subject isn't empty"
    return None


def main() -> None:
    """Refuse the commit with a sentence."""
    found = issue(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if found:
        raise SystemExit(found)


if __name__ == "__main__":
    main()
