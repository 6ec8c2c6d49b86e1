"""What a child may use, as the fork server and its clients write it on the wire."""

import struct
from dataclasses import dataclass
from typing import Self

MEGABYTE = 1 << 20
_WIRE = struct.Struct(">QQdQ")
WIRE_SIZE = _WIRE.size


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` is the whole address space and `written` the largest file, in bytes; `cpu` and `wall` are seconds."""

    memory: int
    cpu: int
    wall: float
    written: int

    def packed(self) -> bytes:
        """The limits as bytes."""
        return _WIRE.pack(self.memory, self.cpu, self.wall, self.written)

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """The limits from bytes."""
        return cls(*_WIRE.unpack(data))
