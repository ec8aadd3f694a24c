"""A message's bytes made visible: its fields in their places, every control character by name, or plain hexadecimal."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from officina.errors import Invalid
from officina.wire import er7
from officina.wire.reading import HEADERS

# What is shown of one message at most; all of it can be downloaded.
MOST = 64_000
_CONTROLS = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
)
_NAMES = tuple(_CONTROLS.split())
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Piece(NamedTuple):
    """``kind`` name (of a segment), mark (a field separator), char (a control character) or text; ``field`` a path."""

    kind: str
    text: str
    field: str = ""
    title: str = ""


class HexRow(NamedTuple):
    """Sixteen bytes: where they begin, as numbers, as text."""

    at: str
    hex: str
    text: str


def lines(text: str, separator: str = "") -> list[list[Piece]]:
    """The text by lines. With a field separator, fields carry their path so that they can be found."""
    cut = [match.group() for match in _LINE.finditer(text[:MOST]) if match.group()]
    totals = Counter(line[:3] for line in cut if _starts_segment(line, separator))
    seen: Counter[str] = Counter()
    return [list(_line(line, separator, seen, totals)) for line in cut]


def of_message(message: er7.Message) -> list[list[Piece]]:
    """The lines of a message that could be read."""
    text = message.raw.decode(message.encoding, "replace")
    return lines(text, message.delimiters.field)


def of_bytes(raw: bytes) -> list[list[Piece]]:
    """The lines of bytes nothing could be made of; each byte is a character of its own."""
    return lines(raw[:MOST].decode("utf-8", "replace") if _is_utf8(raw) else raw[:MOST].decode("latin-1"))


def hex_rows(raw: bytes) -> list[HexRow]:
    """The bytes sixteen by sixteen."""
    return [_hex_row(raw, start) for start in range(0, min(len(raw), MOST // 4), 16)]


def editable(raw: bytes, encoding: str) -> str | None:
    """A message as text for a person to change, a line per segment; None where bytes would be lost on the way."""
    try:
        text = raw.decode(encoding or "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None
    return None if "\n" in text else text.replace("\r", "\n")


def edited(text: str, encoding: str) -> bytes:
    """What a person made of it, in the encoding it had. Raises Invalid for a character that has no place there."""
    try:
        return "".join(f"{line}\r" for line in text.splitlines() if line).encode(encoding or "utf-8")
    except UnicodeEncodeError as error:
        character = text[error.start] if error.start < len(text) else "?"
        raise Invalid(
            f"{character!r} cannot be written in {encoding}, the character set of this message",
            place="payload",
            remedy="write it with characters of that set",
        ) from error


def control_name(character: str) -> str:
    """The short name of a control character, "" for any other."""
    number = ord(character)
    if number < 32:
        return _NAMES[number]
    if number == 127:
        return "DEL"
    return f"{number:02X}" if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") else ""


def visible(text: str) -> str:
    """The text with its control characters named, for values that are shown as text; line ends stay."""
    return "".join(f"‹{control_name(each)}›" if each != "\n" and control_name(each) else each for each in text)


def _starts_segment(line: str, separator: str) -> bool:
    return bool(separator) and re.match(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(separator)}|[\r\n]|\Z)", line) is not None


def _line(line: str, separator: str, seen: Counter[str], totals: Counter[str]) -> Iterator[Piece]:
    """A line in pieces. Segments are numbered where there are several, as in the tree of names."""
    if not _starts_segment(line, separator):
        yield from _text(line, "")
        return
    name = line[:3]
    seen[name] += 1
    place = name if totals[name] == 1 else f"{name}[{seen[name]}]"
    yield Piece("name", name)
    fields = line[3:].split(separator)
    yield from _text(fields[0], "")
    for number, text in enumerate(fields[1:], start=2 if name in HEADERS else 1):
        yield Piece("mark", separator)
        yield from _text(text, f"{place}-{number}")


def _text(text: str, field: str) -> Iterator[Piece]:
    start = 0
    for position, character in enumerate(text):
        name = control_name(character) if character < " " or character > "~" else ""
        if not name:
            continue
        if position > start:
            yield Piece("text", text[start:position], field)
        yield Piece("char", name, field, f"{unicodedata.name(character, 'control character')} 0x{ord(character):02X}")
        start = position + 1
    if start < len(text):
        yield Piece("text", text[start:], field)


def _hex_row(raw: bytes, start: int) -> HexRow:
    part = raw[start : start + 16]
    left, right = part[:8].hex(" "), part[8:].hex(" ")
    text = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in part)
    return HexRow(f"{start:06x}", f"{left:<23}  {right:<23}", text)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw[:MOST].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > MOST - 4
    return True
