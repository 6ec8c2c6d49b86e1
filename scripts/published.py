"""Record what is published, so that two changes that can't both be published conflict when they are merged.

`docs/services.digests` has one line for each version of a service: databases store every version and refuse another
text under its number, so a service that changes needs a new one. `migrations/HEAD` names the newest migration. `make
docs-reference` adds what is new; a test fails when a text changed under an old number.
"""

from pathlib import Path

from app.catalog.loader import definition_of, digest_of, load_services
from app.kernel import migrate

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "services.digests"
HEAD = ROOT / "migrations" / "HEAD"


def known() -> dict[tuple[str, int], str]:
    """The digest of each version by service and number."""
    lines = [line.split() for line in FILE.read_text().splitlines()] if FILE.exists() else []
    return {(service, int(version)): digest for service, version, digest in lines}


def current() -> dict[tuple[str, int], str]:
    """As `known`, of the files as they are."""
    return {(one.id, one.version): digest_of(definition_of(one))[:32] for one in load_services().values()}


def write() -> None:
    """Add what isn't known; what is stays as it is. Name the newest migration."""
    HEAD.write_text(f"{migrate.head()}\n")
    both = current() | known()
    FILE.write_text("".join(f"{service} {version} {both[service, version]}\n" for service, version in sorted(both)))


if __name__ == "__main__":
    write()
