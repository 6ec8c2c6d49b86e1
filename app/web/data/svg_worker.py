"""`python -m app.web.data.svg_worker`: the process that turns Vega-Lite specifications into SVG, one after another.

It is apart from the web server because drawing holds the interpreter's lock, and needs 100 MB. It reads frames (a
length of four bytes, then JSON) and answers each with one (a length, then the SVG; nothing where it couldn't be drawn).
It ends when its input does, so that none is left behind a server that was killed.
"""

import json
import struct
import sys
from typing import BinaryIO

import vl_convert

VEGA_LITE = "6.1"
LENGTH = struct.Struct(">I")


def main() -> None:
    """Draw until the input ends."""
    while (frame := read(sys.stdin.buffer)) is not None:
        try:
            drawn: str = vl_convert.vegalite_to_svg(json.loads(frame), vl_version=VEGA_LITE)
        except ValueError as error:
            sys.stderr.write(f"{error}\n")
            drawn = ""
        data = drawn.encode()
        sys.stdout.buffer.write(LENGTH.pack(len(data)) + data)
        sys.stdout.buffer.flush()


def read(source: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


if __name__ == "__main__":
    main()
