"""MLLP framing without a socket: bytes in any chunking come in, frames and what was not a frame come out.

The Minimal Lower Layer Protocol (HL7 v2.5.1 appendix C, transport specification MLLP release 1) wraps one message as
``VT message FS CR``. This room knows those three bytes and the names of the segments with which messages and batches
begin and end; it must not know what they mean.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from officina.errors import Invalid

VT: Final = 0x0B
FS: Final = 0x1C
CR: Final = 0x0D
DEFAULT_MAX_SIZE: Final = 16 * 1024 * 1024
SAMPLE: Final = 64  # bytes of garbage that are kept to show what it was
HEAD: Final = 4096  # bytes of an oversize message that are kept so that it can be refused by its control id

_WINDOW = 8192

# What decides about an open frame: FS with what follows it, or VT that starts another message. ``wait`` has not seen
# enough bytes to decide; the search is taken up at its start when more arrive.
_FRAMED = re.compile(rb"\x1c[\r\n\x0c\x0b]|\x0b(?:MSH|FHS|BHS)|(?P<wait>\x1c\Z|\x0b(?:MS?|FH?|BH?)?\Z)")
_START = re.compile(rb"\x0b")
_CARELESS_START = re.compile(rb"\x0b|(?:MSH|FHS|BHS)[^A-Za-z0-9\s]|(?P<wait>(?:M(?:SH?)?|[FB](?:HS?)?)\Z)")


def _until(next_one: bytes, closing: bytes, begun: bytes) -> re.Pattern[bytes]:
    """What decides about an open message without a frame, besides VT and FS: a line with one of the segments that
    begin the ``next_one``, or the segment that is its ``last`` line. ``begun``: how a line with them may start."""
    last = rb"|(?P<last>[\r\n]%b(?=[\r\n]|[^A-Za-z0-9\s]))" % closing if closing else b""
    ends = rb"\x0b|\x1c[\r\n\x0c\x0b]|[\r\n](?:%b)[^A-Za-z0-9\s]" % next_one + last
    return re.compile(ends + rb"|(?P<wait>\x1c\Z|[\r\n](?:%b)?\Z)" % begun)


# By the segment it began with. A batch (BHS … BTS) and a file of them (FHS … FTS) stay whole, so that the counts in
# their trailers can be checked (HL7 v2.5.1 section 2.10.3).
_UNFRAMED = {
    b"MSH": _until(b"MSH|FHS|BHS", b"", b"M(?:SH?)?|[FB](?:HS?)?"),
    b"BHS": _until(b"FHS|BHS", b"BTS", b"F(?:HS?)?|B(?:HS?|TS?)?"),
    b"FHS": _until(b"FHS", b"FTS", b"F(?:HS?|TS?)?"),
}
_LAST_LINE = re.compile(rb"\x0b|\x1c[\r\n\x0c\x0b]|[\r\n]|(?P<wait>\x1c\Z)")
_QUIET = b"\r\n\x0c "  # between frames these are nobody's fault and are not reported
_END_REMARK = {CR: (), 0x0A: ("end_lf",), 0x0C: ("end_ff",), VT: ("end_cr_missing",)}


class Frame(NamedTuple):
    """One message. ``remarks`` are stable words: start_missing, end_lf, end_ff, end_cr_missing, end_missing."""

    payload: bytes
    framed: bool = True
    remarks: tuple[str, ...] = ()


class Garbage(NamedTuple):
    """Bytes that are no message. ``reason``: outside_frame, end_missing (a frame that never ended), empty_frame."""

    seen: int
    sample: bytes
    reason: str


class Oversize(NamedTuple):
    """A message longer than the limit: its length and its first bytes; the rest was dropped as it arrived."""

    seen: int
    head: bytes
    framed: bool = True


Event: TypeAlias = Frame | Garbage | Oversize


class _State(Enum):
    BETWEEN = "between"
    FRAMED = "framed"
    UNFRAMED = "unframed"


def encode(payload: bytes) -> bytes:
    """One message as a frame. Raises Invalid when the payload holds bytes that a receiver would take for its end."""
    if b"\x1c" in payload or b"\x0b" in payload:
        found = _FRAMED.search(payload)
        if found and found.lastgroup is None:
            raise Invalid("the message holds bytes that end an MLLP frame", remedy="remove 0x1C and 0x0B from it")
    return b"\x0b" + payload + b"\x1c\r"


class Decoder:
    """Takes the bytes of one connection apart.

    What counts as the end of a frame, and why:

    * FS followed by CR, LF or FF ends it. FS followed by VT ends it too (the sender forgot CR and goes on at once).
      FS followed by anything else is data: some senders put 0x1C into text.
    * FS as the last byte received proves nothing yet, so the frame waits for the next byte. A sender that forgets CR
      and waits for its answer is served by ``settle()``, which the owner calls after a short silence. Thus the same
      bytes give the same frames in whatever chunks they come, and no message is cut in two by the network.
    * VT followed by MSH, FHS or BHS inside a frame starts another message: the end was lost. Half an order must not
      be taken for a whole one, so what was there is Garbage ``end_missing`` (unanswered, the sender repeats it). With
      ``unframed`` it is a Frame if it stops at a segment's end. Any other VT inside a frame is data.
    * With ``unframed``, ``MSH`` plus a field separator outside a frame starts a message that ends before the next
      such segment, at FS, at VT, by ``settle()`` or by ``end()``. ``FHS`` or ``BHS`` starts a batch, which ends with
      the line of its ``FTS`` or ``BTS`` as well.

    Memory stays below ``max_size`` plus one chunk; every byte is looked at a bounded number of times.
    """

    __slots__ = (
        "_at",
        "_buffer",
        "_head",
        "_noise",
        "_noise_seen",
        "_scan",
        "_skipped",
        "_state",
        "_until",
        "max_size",
        "unframed",
    )

    def __init__(self, max_size: int = DEFAULT_MAX_SIZE, unframed: bool = False) -> None:
        self.max_size = max_size
        self.unframed = unframed
        self._buffer = bytearray()
        self._state = _State.BETWEEN
        self._until = _LAST_LINE  # what ends the open message if it has no frame
        self._at = 0  # where the open message, or what is not looked at yet, begins in the buffer
        self._scan = 0  # up to here nothing decides
        self._skipped = 0  # bytes of an oversize message that are already dropped
        self._head = b""
        self._noise = b""
        self._noise_seen = 0

    @property
    def pending(self) -> int:
        """Bytes held back because their message is not complete."""
        return len(self._buffer)

    @property
    def undecided(self) -> int:
        """Bytes that the next chunk makes the decoder look at again: at most 4, so that its work stays linear."""
        return len(self._buffer) - max(self._scan, self._at)

    @property
    def open(self) -> bool:
        """A message has begun and not ended."""
        return self._state is not _State.BETWEEN

    @property
    def unproven(self) -> bool:
        """``settle()`` would yield a message: the only thing missing is proof that it ended."""
        if self._state is _State.FRAMED:
            return self._buffer[-1:] == b"\x1c"
        return self._state is _State.UNFRAMED

    def feed(self, chunk: bytes) -> list[Event]:
        """The frames, garbage and oversize messages that ``chunk`` completes, in the order of the wire."""
        if not self._buffer and self._state is _State.BETWEEN and not self._noise_seen:
            stop = len(chunk) - 2
            if (  # the everyday case: one chunk is one clean frame
                1 < stop <= self.max_size + 1
                and chunk[0] == VT
                and chunk.find(b"\x1c") == stop
                and chunk[stop + 1] == CR
                and chunk.rfind(b"\x0b") == 0
            ):
                return [Frame(bytes(chunk[1:stop]))]
        self._buffer += chunk
        events: list[Event] = []
        while self._between(events) if self._state is _State.BETWEEN else self._inside(events):
            pass
        self._drop_done()
        return events

    def settle(self) -> list[Event]:
        """Silence: a message that lacks only the proof of its end is complete. An open frame stays open."""
        events: list[Event] = []
        if self.unproven:
            self._finish_unproven(events)
        return events

    def end(self) -> list[Event]:
        """The connection closed, or is given up: whatever is left is a message or garbage. Starts afresh."""
        events: list[Event] = []
        if self.unproven:
            self._finish_unproven(events)
        elif self._state is _State.FRAMED:
            self._abandon(len(self._buffer), events)
        else:
            self._hear(len(self._buffer))
        self._report_noise(events)
        self._buffer.clear()
        self._at = self._scan = 0
        self._state = _State.BETWEEN
        return events

    def _between(self, events: list[Event]) -> bool:
        """Looks for the start of a message; True when there is more to do."""
        found = (_CARELESS_START if self.unframed else _START).search(self._buffer, self._at)
        if not found:
            self._hear(len(self._buffer))
            return False
        start = found.start()
        self._hear(start)
        if self._buffer[start] == VT:
            self._at = self._scan = start + 1
            self._state = _State.FRAMED
        elif found.lastgroup:
            return False
        else:
            self._scan = start + 4
            self._state = _State.UNFRAMED
            self._until = _UNFRAMED[bytes(self._buffer[start : start + 3])]
        self._report_noise(events)
        return True

    def _inside(self, events: list[Event]) -> bool:
        """Looks for the end of the open message; True when it, or the line that is its last, was found."""
        framed = self._state is _State.FRAMED
        if framed:  # the regular expression is slow on plain text, so it starts where something may be
            found = _FRAMED.search(self._buffer, self._next_control())
        else:
            found = self._until.search(self._buffer, self._scan)
        self._scan = found.start() if found else len(self._buffer)
        if not found or found.lastgroup == "wait":
            self._skip_oversize()
            return False
        if found.lastgroup == "last":
            self._until, self._scan = _LAST_LINE, found.end()
            return True
        first, last = found[0][0], found[0][-1]
        if first == FS:
            remarks = _END_REMARK[last] if framed else ("start_missing", *_END_REMARK[last])
            self._emit(self._scan, remarks, events, framed)
            self._at = self._scan + (1 if last == VT else 2)
            self._state = _State.BETWEEN
        elif framed:  # VT MSH: the end of this frame was lost
            self._abandon(self._scan, events)
            self._at = self._scan = self._scan + 1
        else:
            stop = self._scan if first == VT else self._scan + 1
            self._emit(stop, (), events, framed)
            self._at = stop
            self._state = _State.BETWEEN
        return True

    def _next_control(self) -> int:
        """Where the next FS or VT is, or the end. In windows: neither search may run far past the other's hit."""
        buffer, start, size = self._buffer, self._scan, len(self._buffer)
        while start < size:
            stop = min(start + _WINDOW, size)
            fs = buffer.find(FS, start, stop)
            vt = buffer.find(VT, start, fs if fs >= 0 else stop)
            if vt >= 0 or fs >= 0:
                return vt if vt >= 0 else fs
            start = stop
        return size

    def _emit(self, stop: int, remarks: tuple[str, ...], events: list[Event], framed: bool) -> None:
        """The open message ends before ``stop``."""
        seen = self._skipped + stop - self._at
        if self._skipped or seen > self.max_size:
            head = self._head or self._first_bytes()
            events.append(Oversize(seen, head, framed))
            self._skipped = 0
            self._head = b""
        elif seen:
            with memoryview(self._buffer) as view:
                events.append(Frame(bytes(view[self._at : stop]), framed, remarks))
        else:
            events.append(Garbage(0, b"", "empty_frame"))

    def _abandon(self, stop: int, events: list[Event]) -> None:
        """The open frame never ended: see the class on what becomes of it."""
        size = stop - self._at
        if self._skipped or size > self.max_size:
            self._emit(stop, (), events, framed=True)
        elif self.unframed and size and self._buffer[stop - 1] in b"\r\n":
            self._emit(stop, ("end_missing",), events, framed=True)
        elif size:
            events.append(Garbage(size, bytes(self._buffer[self._at : min(stop, self._at + SAMPLE)]), "end_missing"))

    def _finish_unproven(self, events: list[Event]) -> None:
        framed = self._state is _State.FRAMED
        stop = len(self._buffer)
        remarks: tuple[str, ...] = ()
        if self._buffer[-1:] == b"\x1c":
            stop -= 1
            remarks = ("end_cr_missing",) if framed else ("start_missing", "end_cr_missing")
        self._emit(stop, remarks, events, framed)
        self._buffer.clear()
        self._at = self._scan = 0
        self._state = _State.BETWEEN

    def _skip_oversize(self) -> None:
        if self._scan - self._at <= self.max_size and not self._skipped:
            return
        if not self._skipped:
            self._head = self._first_bytes()
        self._skipped += self._scan - self._at
        self._at = self._scan

    def _first_bytes(self) -> bytes:
        return bytes(self._buffer[self._at : self._at + min(HEAD, self.max_size)])

    def _hear(self, stop: int) -> None:
        """Bytes up to ``stop`` belong to no message."""
        if stop > self._at:
            noise = bytes(self._buffer[self._at : stop])
            if not self._noise_seen:
                noise = noise.lstrip(_QUIET)
            self._noise_seen += len(noise)
            self._noise += noise[: SAMPLE - len(self._noise)]
            self._at = stop

    def _report_noise(self, events: list[Event]) -> None:
        if self._noise_seen:
            events.append(Garbage(self._noise_seen, self._noise, "outside_frame"))
            self._noise = b""
            self._noise_seen = 0

    def _drop_done(self) -> None:
        if self._at:
            del self._buffer[: self._at]
            self._scan = max(self._scan - self._at, 0)
            self._at = 0
