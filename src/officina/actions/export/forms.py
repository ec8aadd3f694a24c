"""The forms of an export: a table for a spreadsheet, lines of JSON, and a batch that can be sent again."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from officina.clock import iso, moment
from officina.store.rows import MessageRow
from officina.wire import batch
from officina.wire.build import stamp

COLUMNS: Final = (
    *("id", "received_at", "direction", "connector", "state", "reason", "type", "version", "control_id", "sender"),
    *("facility_code", "place", "acknowledgement", "handed_over", "repeats", "bytes", "findings"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Taken(NamedTuple):
    """A message that leaves; ``raw`` is None where its content is not asked for, not to be read, or no longer kept."""

    row: MessageRow
    connector: str
    place: str
    raw: bytes | None = None


class Form(Protocol):
    """One file in the making. ``content``: it holds what messages say; ``forwards``: the oldest comes first."""

    media_type: str
    content: bool
    forwards: bool

    def begin(self, at: int) -> bytes: ...
    def one(self, taken: Taken) -> bytes: ...
    def end(self) -> bytes: ...


class Table:
    """CSV: everything about messages but what they say, the newest first, as on the screen."""

    media_type = "text/csv; charset=utf-8"
    content = forwards = False

    def begin(self, at: int) -> bytes:
        return self._line(COLUMNS)

    def one(self, taken: Taken) -> bytes:
        return self._line(tuple(harmless(each) for each in _values(taken)))

    def end(self) -> bytes:
        return b""

    def _line(self, values: tuple[object, ...]) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerow(values)
        return text.getvalue().encode()


class Lines:
    """NDJSON: an object for each message with its content, as text where it is UTF-8, else in base64."""

    media_type = "application/x-ndjson"
    content = forwards = True

    def begin(self, at: int) -> bytes:
        return b""

    def one(self, taken: Taken) -> bytes:
        found: dict[str, object] = dict(zip(COLUMNS, _values(taken), strict=True))
        found["repeats"] = taken.row.duplicate_of
        if taken.raw is not None:
            try:
                found["raw"] = taken.raw.decode()
            except UnicodeDecodeError:
                found["raw_base64"] = base64.b64encode(taken.raw).decode()
        return json.dumps(found, ensure_ascii=False).encode() + b"\n"

    def end(self) -> bytes:
        return b""


class Replay:
    """An HL7 batch (chapter 2.10.3), which `officina send` and other tools send again: each message as it came.

    What no batch can hold (bytes without MSH, UTF-16) is left out; BTS-1 counts the messages, BTS-2 says how many were
    left out.
    """

    media_type = "application/hl7-v2"
    content = forwards = True

    def __init__(self) -> None:
        self._held = self._left_out = 0

    def begin(self, at: int) -> bytes:
        return f"BHS|^~\\&|OFFICINA||||{stamp(moment(at))}\r".encode()

    def one(self, taken: Taken) -> bytes:
        raw = taken.raw
        if raw is None or not raw.startswith(b"MSH") or batch.split(raw).messages != [raw]:
            self._left_out += 1
            return b""
        self._held += 1
        return raw if raw.endswith((b"\r", b"\n")) else raw + b"\r"

    def end(self) -> bytes:
        comment = f"|{self._left_out} left out" if self._left_out else ""
        return f"BTS|{self._held}{comment}\r".encode()


FORMS: Final[Mapping[str, Callable[[], Form]]] = MappingProxyType({"csv": Table, "ndjson": Lines, "hl7": Replay})


def _values(taken: Taken) -> tuple[object, ...]:
    row = taken.row
    return (
        *(row.id, iso(row.received_at), row.direction, taken.connector, row.state, row.reason),
        *(row.type, row.version, row.control_id, row.sender, row.facility_code, taken.place),
        *(row.ack_code, row.ack_outcome, row.duplicate_of or "", row.size, row.findings),
    )


def harmless(value: object) -> object:
    """A sender's text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
