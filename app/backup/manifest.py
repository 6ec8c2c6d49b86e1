"""What a backup holds: a manifest names each part with its size and digest. Without one, a folder is no backup."""

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
    """The folder isn't a whole backup, or not one that this program reads. The text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the backup."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file that a row of the database names."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of, and its parts. `lost` names files that rows name and that the store didn't have."""

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
        """Write it last: from then on the folder is a backup."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False)
        write_synced(folder / MANIFEST, text.encode())


def read(folder: Path) -> Manifest:
    """The manifest of a folder.

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
    """The manifest, once every part was found to be what it says.

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
    """The size and digest of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.stat().st_size, digest)


def listed(folder: Path) -> Iterator[StoredFile]:
    """The stored files that the database of the backup names."""
    with (folder / FILE_LIST).open(encoding="utf-8") as lines:
        for line in lines:
            yield StoredFile(**json.loads(line))


def write_synced(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads, and have it on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
