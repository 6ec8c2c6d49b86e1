"""Detection of a tabular file's encoding: by byte-order mark, as UTF-8, or as declared by the sender.

Nothing is guessed where a guess could spoil names. A file that is UTF-8 but for a few lines is read as UTF-8, and those
lines are rejected. A file without any sign of UTF-8 is taken for Windows-1252 only when all that isn't ASCII then reads
as letters of Spanish and its neighbours; the other encodings of the Americas (code pages 437 and 850, Mac OS Roman)
read as drawing and punctuation signs there, and are refused with a sentence.
"""

import codecs
import re
from collections.abc import Iterable

UTF_8, WINDOWS_1252 = "utf-8", "cp1252"
BLOCK_BYTES = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HEAD_BYTES = 1024
# Undecodable bytes are replaced by these, so that their rows can be reported.
ESCAPED = re.compile("[\udc80-\udcff]")
LETTERS = re.compile("[\x00-\x7fáéíóúüñÁÉÍÓÚÜÑçÇàèìòùÀÈÌÒÙâêîôûÂÊÎÔÛäëïöÄËÏÖãõÃÕåÅøØæÆßºª°]*")


class UnknownEncoding(RuntimeError):  # noqa: N818 # says a state, as the problems do
    """The encoding can't be detected; the message says what to do."""


def encoding_of(head: bytes, lines: Iterable[bytes]) -> str:
    """The encoding of a file, from its first bytes and all its lines.

    Raises:
        UnknownEncoding: no byte-order mark, not UTF-8, and not certainly Windows-1252.
    """
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    wide = _wide(head[:HEAD_BYTES])
    if wide is not None:
        return wide
    utf_8 = broken = 0
    letters = True
    for line in lines:
        if line.isascii():
            continue
        try:
            line.decode(UTF_8)
            utf_8 += 1
        except UnicodeDecodeError:
            broken += 1
            letters = letters and _is_letters(line)
    if not broken or utf_8 >= broken:
        return UTF_8
    if not utf_8 and letters:
        return WINDOWS_1252
    raise UnknownEncoding(
        "the file isn't UTF-8, and its encoding can't be determined; nothing was imported. Save it as"
        ' "CSV UTF-8", or say its encoding: --encoding cp1252 (Windows), cp850 (DOS), mac-roman, utf-16'
    )


def is_utf_8(blocks: Iterable[bytes]) -> bool:
    """Whether a file is UTF-8 throughout, which most are: found in a fraction of the time that its lines take."""
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """Detect UTF-16 without a byte-order mark: every other byte of an ASCII header is zero."""
    half = len(head) // 2
    if half < 4 or b"\0" not in head:
        return None
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) >= half * 0.9 and head[1 - start :: 2].count(0) == 0:
            return name
    return None


def _is_letters(line: bytes) -> bool:
    try:
        return LETTERS.fullmatch(line.decode(WINDOWS_1252)) is not None
    except UnicodeDecodeError:
        return False


def known_encoding(name: str) -> str:
    """Return the canonical name of a requested encoding.

    Raises:
        UnknownEncoding: there is none of that name.
    """
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError) as error:
        message = f"there is no encoding {name!r}: try utf-8, cp1252, cp850, mac-roman or utf-16"
        raise UnknownEncoding(message) from error
    # UTF-8 on Windows begins with a byte-order mark, which isn't part of the first column's name.
    return "utf-8-sig" if found.name == "utf-8" else found.name


def has_undecodable(text: str) -> bool:
    """Whether a text was read with bytes that its encoding doesn't have."""
    if text.isascii():
        return False
    try:
        text.encode()  # fails on what stands for such bytes, and is many times as fast as looking for it
    except UnicodeEncodeError:
        return ESCAPED.search(text) is not None
    return False


def shown(text: str) -> str:
    """The text with its undecodable bytes written out (`L\\xe1ra`), so that any file can hold it."""
    return text.encode(UTF_8, "surrogateescape").decode(UTF_8, "backslashreplace") if has_undecodable(text) else text
