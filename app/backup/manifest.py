"""The manifest of a backup names each part with its size and digest. A folder without one is no backup."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files"
FILE_LIST = "files.jsonl"
SECRET_KEYS = "keys/secret-keys"  # noqa: S105 # a file
SIGNING_KEY, SIGNING_PASSWORD = "keys/signing.p12", "keys/signing-password"


class NotABackup(RuntimeError):  # noqa: N818 # what it is
    """The folder isn't a complete backup, or has an unknown format. The text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the backup."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file that a row references."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Metadata and parts of a backup. `lost` lists referenced files that were missing from the store."""

    program: str
    schema: str
    postgresql: str
    installation: str
    taken_at: str
    files: int
    has_files: bool
    parts: dict[str, Part]
    lost: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the manifest, last: it completes the backup."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False)
        write_synced(folder / MANIFEST, text.encode())


def read(folder: Path) -> Manifest:
    """Read the manifest of a folder.

    Raises:
        NotABackup: there is none that can be read.
    """
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if found.pop("format") != FORMAT:
            raise NotABackup(f"{folder} was written by another version of this program: restore it with that one")
        parts = {name: Part(**part) for name, part in found.pop("parts").items()}
        return Manifest(**found, parts=parts)
    except FileNotFoundError as error:
        raise NotABackup(f"{folder} is no backup: it has no {MANIFEST}, as one that was cut off has none") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotABackup(f"{folder / MANIFEST} can't be read: {type(error).__name__}") from error


def verify(folder: Path) -> Manifest:
    """Read the manifest and verify every part.

    Raises:
        NotABackup: a part is missing or was changed.
    """
    manifest = read(folder)
    for name, part in manifest.parts.items():
        path = folder / name
        if not path.is_file() or part_of(path) != part:
            raise NotABackup(f"{path} is missing or isn't what was written: this backup is damaged")
    return manifest


def part_of(path: Path) -> Part:
    """Compute size and digest of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.stat().st_size, digest)


def listed(folder: Path) -> Iterator[StoredFile]:
    """List the stored files that the backup's database references."""
    with (folder / FILE_LIST).open(encoding="utf-8") as lines:
        for line in lines:
            yield StoredFile(**json.loads(line))


def write_synced(path: Path, data: bytes) -> None:
    """Write a file readable by its owner only, and fsync it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Fsync a file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
