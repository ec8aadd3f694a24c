"""One HL7 v2 message in its vertical-bar form (ER7): lazy to read, byte-exact to write back. Knows no MLLP, no profile.

Lines are cut once; a segment's fields are split when first asked for; values are unescaped when read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from officina.wire import charset, element, lines
from officina.wire.delimiters import Delimiters, ParseError, read
from officina.wire.element import Levels
from officina.wire.escapes import escape
from officina.wire.path import Path, PathError, Place
from officina.wire.reading import HEADERS, Reading, Segment, Source, Syntax, is_literal
from officina.wire.remark import Remark

__all__ = ["NULL", "Delimiters", "Group", "Message", "ParseError", "PathError", "Remark", "Segment", "parse"]

NULL = '""'
"""The HL7 null: "clear this value" (chapter 2.5.3), which is not the same as an empty field."""

_BEFORE = "\ufeff \t\r\n\x0b"
_LONGEST_MSH_2 = 12
_CHARACTER_SET = 18  # of MSH


def parse(raw: bytes, *, fallback: str = "cp1252") -> Message:
    """Read one message. ``fallback`` is the character set of undeclared bytes that are not UTF-8.

    Raises ParseError only when there is no usable MSH; every lesser oddity is in ``Message.warnings``.
    """
    return Message(raw, fallback)


class Message(Reading):
    """One message. ``names`` are its segments' names in order; paths are those of `officina.wire.path`."""

    __slots__ = ("_bom", "_changed", "_cut", "_end", "delimiters", "names", "raw", "warnings")

    def __init__(self, raw: bytes, fallback: str = "cp1252") -> None:
        self.raw = raw
        self.warnings: list[Remark] = []
        self._changed = False
        self._bom = b""
        encoding = ""
        # Plain ASCII needs no question about character sets, unless ESC shifts to Japanese.
        if raw.isascii() and raw.startswith(b"MSH") and b"\x1b" not in raw:
            text = raw.decode("ascii")
        else:
            text, encoding, self._bom, remarks = charset.decode(raw, fallback)
            self.warnings.extend(remarks)
        head, text = _begin(text)
        separator = text[3:4]
        end = text.find(separator, 4, 4 + _LONGEST_MSH_2)
        syntax, odd = _syntax(separator, text[4 : end if end >= 0 else 4 + _LONGEST_MSH_2])
        self.delimiters = syntax.delimiters
        if odd:
            self.warnings.extend(odd)
        uniform = None if head else lines.uniform(text, separator)
        self._cut: lines.Lines | None = None
        if uniform is not None:
            segments, self.names, self._end = uniform
        else:
            self._cut = lines.cut(text, separator)._replace(head=head)
            segments, self.names, self._end = self._cut.segments, self._cut.names, ""
            self.warnings.extend(self._cut.remarks)
        super().__init__(Source(raw, encoding, self.names, segments, syntax), 0, len(self.names))

    @property
    def encoding(self) -> str:
        """Python's name of the character set the bytes are in."""
        return self._source.encoding

    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and text of each segment, in order: for those who read all of a message and no paths."""
        return zip(self.names, self._source.lines, strict=False)  # a last line may be empty and without a name

    def groups(self, lead: str = "ORC") -> list[Group]:
        """The groups a lead segment opens, each up to before the next lead.

        With at most one lead segment there is one group and it is the whole message.
        """
        spans = self._group_spans(lead)
        return [Group(self._source, number, *span) for number, span in enumerate(spans, start=1)]

    def set(self, path: str, value: str) -> None:
        """Replace all that the path names by one value, escaped; missing fields of the segment are made.

        Setting MSH-18 puts the message into that character set. Raises PathError when there is no such segment or the
        value cannot be written in this message.
        """
        address = Path.parse(path)
        place = address.place
        if place is None:
            raise PathError("a value needs a field", place=path, remedy=f"write it like {path}-1")
        if is_literal(address.segment, place):
            raise PathError("the delimiters of a message cannot be changed", place=path)
        position = self._position(address)
        if position is None:
            raise PathError("the message has no such segment", place=path)
        fields = list(self._source.fields(position))
        text = self._written(fields[place.field] if place.field < len(fields) else "", place, value, path)
        fields.extend([""] * (place.field + 1 - len(fields)))
        fields[place.field] = text
        line = self._joined(self.names[position], fields)
        if position == 0 and place.field == _CHARACTER_SET:
            self._declare(line, path)
        self._source.fields(position)[:] = fields  # the list that whoever has found the segment reads
        self._source.lines[position] = line
        self._changed = True

    def encode(self) -> bytes:
        """The message's bytes: those received while nothing was set, else with the same terminators and encoding."""
        if not self._changed:
            return self.raw
        segments = self._source.lines
        if self._cut is None:
            text = self._end.join(segments)
        else:
            text = self._cut.head + "".join(map("".join, zip(segments, self._cut.gaps, strict=True)))
        return self._bom + charset.encode(text, self.encoding)

    def _declare(self, header: str, path: str) -> None:
        """The message goes into the character set this header declares, UTF-8 if none that is known."""
        if self._bom or self.encoding.startswith("utf-16"):
            return  # its bytes show what they are, whatever MSH-18 says
        encoding = charset.declared_codec(header.encode())[0] or "utf-8"
        try:
            charset.encode("".join([header, *self._source.lines[1:]]), encoding)
        except UnicodeEncodeError:
            raise PathError(f"the message has characters that {encoding} lacks", place=path) from None
        self._source.declare(encoding)

    def _written(self, text: str, place: Place, value: str, path: str) -> str:
        """The field's source text with the value in it."""
        try:
            escaped = value if value == NULL else escape(value, self.delimiters)
            charset.encode(escaped, self.encoding)
            return element.replaced(text, place, self._source.levels, escaped)
        except UnicodeEncodeError:
            reason = f"the value has characters that the message's character set ({self.encoding}) lacks"
            raise PathError(reason, place=path) from None
        except ValueError as error:
            raise PathError(str(error), place=path) from None

    def _joined(self, name: str, fields: list[str]) -> str:
        separator = self.delimiters.field
        if name in HEADERS:
            return fields[0] + separator + separator.join(fields[2:])
        return separator.join(fields)


class Group(Reading):
    """The run of segments one lead segment opens, read by paths relative to it; ``number`` counts from 1."""

    __slots__ = ("number",)

    def __init__(self, source: Source, number: int, first: int, last: int) -> None:
        super().__init__(source, first, last)
        self.number = number


def _begin(text: str) -> tuple[str, str]:
    """What stands before MSH (white space, a byte order mark), and the text from there."""
    if text.startswith("MSH"):
        return "", text
    bare = text.lstrip(_BEFORE)
    if not bare.startswith("MSH"):
        raise ParseError("the message does not begin with an MSH segment", place="MSH", remedy="begin with MSH|^~\\&")
    return text[: len(text) - len(bare)], bare


@lru_cache(maxsize=256)
def _syntax(separator: str, start: str) -> tuple[Syntax, tuple[Remark, ...]]:
    """What MSH-1 and the text after it declare; most senders write the same."""
    delimiters, remarks = read(separator, start.split("\r", 1)[0].split("\n", 1)[0])
    return Syntax(delimiters, Levels.of(delimiters)), remarks
