"""Files and frames that hold several messages: FHS/BHS/BTS/FTS batches (HL7 v2 chapter 2.10.3) and bare runs of MSH.

Cuts bytes and counts; what a message holds is not its affair.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from typing import NamedTuple

from officina.wire import charset
from officina.wire.remark import Remark

__all__ = ["Batch", "Remark", "split"]

_OPENING = (b"MSH", b"FHS", b"BHS")
_CLOSING = (b"BTS", b"FTS")
_INDENT = b" \t\x0b"
_WIDEST_INDENT = 64
_BLANK = b" \t\r\n\x0b\x0c\x1c"
_LINE = re.compile(rb"[^\r\n\x1c]*")
_MARK = rb"[!-/:-@\[-`{-~]"
# Of FHS and BHS all fields but the delimiters are optional (2.15.2, 2.15.6), so the line may end there.
_HEADER = re.compile(
    rb"(?:MSH|FHS|BHS)(%b)%b{0,6}?\1|[FB]HS%b%b{1,6}(?=[\r\n]|\Z)" % (_MARK, _MARK, _MARK, _MARK), re.DOTALL
)
_NEXT = re.compile(rb"\r[ \t]*(?:MSH|BHS|BTS|FHS|FTS)")
_FRAME_BYTES = re.compile(rb"[\x0b\x1c]")


class Batch(NamedTuple):
    """``messages`` in order, each as its own bytes; ``headers`` and ``trailers`` are (name, segment bytes) in order.

    ``remarks`` say what does not add up: counts in BTS-1 and FTS-1, text outside any message.
    """

    messages: list[bytes]
    remarks: list[Remark]
    headers: list[tuple[str, bytes]]
    trailers: list[tuple[str, bytes]]


def split(raw: bytes) -> Batch:
    """Cut bytes into their messages; a single message comes back unchanged.

    Bytes without any message are one unreadable "message", so that nothing vanishes and its refusal says why;
    only a batch that is empty and says so gives none.
    """
    wide = charset.wide_encoding(raw)
    if wide:
        return _split_wide(raw, wide)
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    body = raw[len(mark) :] if mark else raw
    if _alone(body):
        return Batch([raw], [], [], [])
    starts = _starts(body)
    if starts == [0] and body.startswith(b"MSH") and _unframed(body) == body:
        return Batch([raw], [], [], [])
    return _Counter(raw, body, starts).batch()


def _split_wide(raw: bytes, encoding: str) -> Batch:
    """UTF-16 is cut as UTF-8 and written back; each message then shows its encoding by its NUL bytes."""
    try:
        narrow = raw.decode(encoding, "surrogatepass").removeprefix("\ufeff").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return Batch([raw], [], [], [])
    batch = split(narrow)
    if batch.messages == [narrow]:
        return Batch([raw], *batch[1:])

    def back(piece: bytes) -> bytes:
        return piece.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass")

    messages = [back(message) for message in batch.messages]
    headers = [(name, back(segment)) for name, segment in batch.headers]
    trailers = [(name, back(segment)) for name, segment in batch.trailers]
    return Batch(messages, batch.remarks, headers, trailers)


def _alone(body: bytes) -> bool:
    """A quick yes for what nearly every frame is: one message from its first byte, nothing around it."""
    return (
        body.startswith(b"MSH")
        and b"\n" not in body
        and b"\x1c" not in body
        and b"\x0b" not in body
        and _NEXT.search(body) is None
    )


def _starts(body: bytes) -> list[int]:
    """Where a line begins with a message or batch segment, in order. Searched name by name: fast on any size."""
    found = []
    for name in (*_OPENING, *_CLOSING):
        at = body.find(name)
        while at >= 0:
            if _begins_line(body, at):
                found.append(at)
            at = body.find(name, at + len(name))
    found.sort()
    separator = b""
    starts = []
    for at in found:
        after = body[at + 3 : at + 4]
        if _HEADER.match(body, at) or (after == separator and after) or (separator and _bare_trailer(body, at, after)):
            starts.append(at)
            separator = separator or after
    return starts


def _begins_line(body: bytes, at: int) -> bool:
    before = body[max(at - _WIDEST_INDENT, 0) : at].rstrip(_INDENT)
    return before[-1:] in (b"\r", b"\n", b"\x1c") if before else at <= _WIDEST_INDENT


def _bare_trailer(body: bytes, at: int, after: bytes) -> bool:
    return body[at : at + 3] in _CLOSING and after in (b"", b"\r", b"\n")


def _unframed(piece: bytes) -> bytes:
    """Without the MLLP bytes that a file of captured frames leaves after a message."""
    bare = len(piece.rstrip(_BLANK))
    end = _FRAME_BYTES.search(piece, bare)
    return piece if end is None else piece[: end.start()]


class _Counter:
    """Walks the pieces in order and keeps count of what the trailers will claim."""

    def __init__(self, raw: bytes, body: bytes, starts: list[int]) -> None:
        self.raw = raw
        self.pieces = [body[start:end] for start, end in pairwise([*starts, len(body)])]
        self.outside = bool(body[: starts[0]].strip(_BLANK)) if starts else True
        self.found = Batch([], [], [], [])
        self.in_batch = 0  # messages since BHS, BTS or the beginning
        self.batches = 0
        self.batch_open = False
        self.file_open = False
        self.closed = {"BTS": 0, "FTS": 0}

    def batch(self) -> Batch:
        for piece in self.pieces:
            name = piece[:3].decode()
            if name == "MSH":
                self.found.messages.append(_unframed(piece))
                self.in_batch += 1
            else:
                self._envelope(name, piece)
        self._closed()
        if self.outside:
            if not self.found.messages:
                self.found.messages.append(self.raw)
            else:
                self._remark("MSH", "text-outside", "there is text that belongs to no message; it is left out")
        return self.found

    def _envelope(self, name: str, piece: bytes) -> None:
        line = _LINE.match(piece)
        segment = line[0] if line else piece
        if piece[len(segment) :].strip(_BLANK):
            self.outside = True
        if name in ("FHS", "BHS"):
            self.found.headers.append((name, segment))
            self._open(name)
        else:
            self.found.trailers.append((name, segment))
            self._close(name, segment)

    def _open(self, name: str) -> None:
        if name == "FHS":
            self.file_open, self.batches = True, 0
            return
        if self.batch_open:
            self._remark("BTS", "batch-unclosed", "a batch begins before the one before it ends")
        self.batch_open, self.in_batch = True, 0
        self.batches += 1

    def _close(self, name: str, segment: bytes) -> None:
        self.closed[name] += 1
        path = f"{name}[{self.closed[name]}]" if self.closed[name] > 1 else name
        if name == "BTS":
            if not self.batch_open:
                self.batches += 1
                self._remark(path, "batch-unopened", "a batch ends that did not begin")
            self._check(path, segment, {self.in_batch}, "messages")
            self.batch_open, self.in_batch = False, 0
        else:
            # A file without BHS holds its messages in one batch that nobody named.
            self._check(path, segment, {self.batches} if self.batches else {0, 1}, "batches")
            if not self.file_open:
                self._remark(path, "file-unopened", "a file ends that did not begin")
            self.file_open = False

    def _closed(self) -> None:
        if self.batch_open:
            self._remark("BTS", "batch-unclosed", "the batch does not end")
        if self.file_open:
            self._remark("FTS", "file-unclosed", "the file does not end")

    def _check(self, path: str, segment: bytes, counted: set[int], what: str) -> None:
        """Compare field 1 of a trailer with what is there; an empty field claims nothing (it is optional)."""
        fields = segment.split(segment[3:4], 2) if len(segment) > 3 else []
        claimed = fields[1].strip() if len(fields) > 1 else b""
        if not claimed:
            return
        if not claimed.isdigit():
            self._remark(f"{path}-1", "count-unreadable", f"the number of {what} is not a number")
        elif not any(int(claimed[:18]) == count for count in counted):
            text = f"{int(claimed[:18])} {what} are claimed, {max(counted)} are there"
            self._remark(f"{path}-1", "count-wrong", text)

    def _remark(self, path: str, code: str, text: str) -> None:
        self.found.remarks.append(Remark(path, code, text))
