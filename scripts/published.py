"""Remember what each version of a service said: `docs/services.digests`, one line a version.

Databases keep every version they were given and refuse another text under its number, so a service that changes needs a
new one. `make docs-reference` adds the lines of new versions; a test fails when a text changed under an old number.
"""

from pathlib import Path

from app.catalog.loader import definition_of, digest_of, load_services

FILE = Path(__file__).resolve().parent.parent / "docs" / "services.digests"


def known() -> dict[tuple[str, int], str]:
    """The digest of each version by service and number."""
    lines = [line.split() for line in FILE.read_text().splitlines()] if FILE.exists() else []
    return {(service, int(version)): digest for service, version, digest in lines}


def current() -> dict[tuple[str, int], str]:
    """As `known`, of the files as they are."""
    return {(one.id, one.version): digest_of(definition_of(one))[:32] for one in load_services().values()}


def write() -> None:
    """Add what isn't known; what is stays as it is."""
    both = current() | known()
    FILE.write_text("".join(f"{service} {version} {both[service, version]}\n" for service, version in sorted(both)))


if __name__ == "__main__":
    write()
