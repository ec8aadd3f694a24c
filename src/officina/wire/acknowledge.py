"""Acknowledgements: what to answer to whom, in original and enhanced mode.

HL7 v2.5.1 sections 2.9.2 and 2.9.3, tables 0008 (acknowledgment code), 0155 (acknowledgment conditions) and 0357
(error conditions). This room turns an outcome into bytes; it must not know why a message had that outcome.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from officina.wire.delimiters import ParseError
from officina.wire.delimiters import read as delimiters_of

Outcome: TypeAlias = Literal["accept", "error", "reject"]


class AckMode(StrEnum):
    """Which rules answer a message. ``auto`` reads them from MSH-15 and MSH-16, as the standard says."""

    AUTO = "auto"
    ORIGINAL = "original"
    ENHANCED = "enhanced"
    NONE = "none"


# HL7 table 0008. Rows: what became of the message; columns: which of the two acknowledgements says so.
CODES: Final[dict[Outcome, dict[str, str]]] = {
    "accept": {"application": "AA", "accept": "CA"},
    "error": {"application": "AE", "accept": "CE"},
    "reject": {"application": "AR", "accept": "CR"},
}

# HL7 table 0155: the condition in MSH-15 or MSH-16 → the outcomes that are acknowledged under it.
CONDITIONS: Final[dict[str, frozenset[Outcome]]] = {
    "AL": frozenset({"accept", "error", "reject"}),
    "NE": frozenset(),
    "ER": frozenset({"error", "reject"}),
    "SU": frozenset({"accept"}),
}

# HL7 table 0357, as far as an intake uses it.
ERROR_TEXTS: Final[dict[str, str]] = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "104": "Value too long",
    "198": "Non-Conformant Cardinality",
    "199": "Other HL7 Error",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}

_SEVERITIES = {"error": "E", "warning": "W", "info": "I"}
_UNSAID = {"error": ("207", "The message could not be processed now."), "reject": ("207", "The message was refused.")}
_DEFAULT_ENCODING_CHARACTERS = "^~\\&"
_DEFAULT_VERSION = "2.5.1"


_CONTROLS = dict.fromkeys(range(32), " ")  # CR and LF end segments, VT and FS end frames
_BEFORE = b"\xef\xbb\xbf \t\r\n\x0b"  # what may stand before MSH in a message that is readable all the same
_FRAMING = re.compile(rb"[\x0b\x1c]")
_LONGEST_MSH = 8192
_MSH = re.compile(rb"MSH[^A-Za-z0-9\s\x00]")
_MSA = re.compile(rb"[\r\n][ \t]*MSA([^\r\n]?)")


class ErrorLine(NamedTuple):
    """One ERR segment. ``location``: a field path such as ``PID-3[1].1``, ``OBX[2]-5`` or ``ORC[2]/RXE-2.2``, or "".

    ``code``: HL7 table 0357. ``severity``: error, warning or info (HL7 table 0516). ``text``: for a person to read.
    """

    location: str
    code: str
    severity: str
    text: str


class Ack(NamedTuple):
    """An acknowledgement: MSA-1 and the bytes to send (unframed, segments end with CR)."""

    code: str
    payload: bytes


class Form(NamedTuple):
    """An acknowledgement but for its control id (MSH-10), which stands between two stretches of ready bytes."""

    code: str
    before: bytes
    after: bytes
    encoding: str

    def filled(self, control_id: str) -> Ack:
        """``control_id``: letters and digits, which no delimiter can be."""
        return Ack(self.code, b"".join((self.before, control_id.encode(self.encoding), self.after)))


class Readable(Protocol):
    """What ``Header.of`` reads of a message."""

    @property
    def raw(self) -> bytes: ...
    @property
    def encoding(self) -> str: ...


class Header(NamedTuple):
    """What an acknowledgement needs of the MSH it answers: fields in the sender's own escaped text, "" if not given."""

    field: str = "|"
    encoding_characters: str = _DEFAULT_ENCODING_CHARACTERS
    sending_application: str = ""  # MSH-3
    sending_facility: str = ""  # MSH-4
    receiving_application: str = ""  # MSH-5
    receiving_facility: str = ""  # MSH-6
    type: str = ""  # MSH-9.1
    event: str = ""  # MSH-9.2
    control_id: str = ""  # MSH-10
    processing_id: str = ""  # MSH-11
    version: str = ""  # MSH-12
    accept_condition: str = ""  # MSH-15
    application_condition: str = ""  # MSH-16
    country: str = ""  # MSH-17
    character_set: str = ""  # MSH-18
    encoding: str = "latin-1"  # Python codec of the message
    byte_order_mark: bytes = b""
    answers: bool = False  # it has an MSA segment

    @staticmethod
    def of(message: Readable) -> Header:
        """The header of a message that was read."""
        return _header(message.raw, message.encoding)

    @staticmethod
    def salvage(raw: bytes) -> Header:
        """As much of an MSH as can be found in bytes that are no readable message. Never raises."""
        found = _MSH.search(raw)
        if found:
            return _header(raw[found.start() :], "latin-1")  # latin-1 gives every byte back as it came
        starts = [(raw.find("MSH".encode(encoding)), encoding) for encoding in ("utf-16-le", "utf-16-be")]
        for start, encoding in sorted(starts):  # read a byte off, big-endian text looks like little-endian
            if start >= 0:
                mark = _mark(raw) and "\ufeff".encode(encoding)
                return _header(raw[start:], encoding)._replace(byte_order_mark=mark)
        return Header()


def is_acknowledgement(header: Header) -> bool:
    """It answers a message of ours (ACK, MCF, or any message with MSA): it is never acknowledged in turn."""
    return header.answers or header.type in ("ACK", "MCF")


def acknowledge(
    head: Header,
    outcome: Outcome,
    *,
    control_id: str,
    at: datetime,
    errors: Sequence[ErrorLine] = (),
    text: str = "",
    mode: AckMode = AckMode.AUTO,
) -> list[Ack]:
    """The answers to a message with this outcome: none, an accept or an application acknowledgement, or both.

    ``control_id`` becomes MSH-10 (of the second acknowledgement with ``A`` appended), ``at`` MSH-7 (aware). On error
    and reject there is always an ERR; where ``errors`` is empty it says ``text``.
    """
    return [each.filled(control_id) for each in forms(head, outcome, at=at, errors=errors, text=text, mode=mode)]


def forms(
    head: Header,
    outcome: Outcome,
    *,
    at: datetime,
    errors: Sequence[ErrorLine] = (),
    text: str = "",
    mode: AckMode = AckMode.AUTO,
) -> list[Form]:
    """The same before the control id of the answer is known."""
    if mode is AckMode.NONE or is_acknowledgement(head):
        return []
    kinds = _kinds(head, outcome, mode)
    if not kinds:
        return []
    if not errors and outcome != "accept":
        code, unsaid = _UNSAID[outcome]
        errors = (ErrorLine("", code, "error", text or unsaid),)
    asked = bool(mode is AckMode.ENHANCED or head.accept_condition or head.application_condition)
    opening, between, after = _frame(head._replace(control_id=""), asked)
    before = head.byte_order_mark + _encoded(f"{opening}{_stamp(at)}{between}", head.encoding)
    said = text or (errors[0].text if errors else "")
    found = []
    for number, kind in enumerate(kinds):
        code = CODES[outcome][kind]
        lines = (("A" if number else "") + after, _msa(head, code, said), *_err(head, errors))
        found.append(Form(code, before, _encoded("\r".join(lines) + "\r", head.encoding), head.encoding))
    return found


def _kinds(head: Header, outcome: Outcome, mode: AckMode) -> list[str]:
    """Which acknowledgements are due: section 2.9.2 (original) or 2.9.3 (enhanced)."""
    accept, application = head.accept_condition, head.application_condition
    if mode is AckMode.ORIGINAL or (mode is AckMode.AUTO and not accept and not application):
        return ["application"]
    if not accept and not application:
        accept = "AL"
    kinds = []
    if accept and outcome in CONDITIONS.get(accept.upper(), CONDITIONS["AL"]):
        kinds.append("accept")
    # A message whose accept acknowledgement says CE or CR was never handed to the application (2.9.3).
    refused = bool(kinds) and outcome != "accept"
    if application and not refused and outcome in CONDITIONS.get(application.upper(), CONDITIONS["AL"]):
        kinds.append("application")
    return kinds


@lru_cache(maxsize=1024)
def _frame(head: Header, asked: bool) -> tuple[str, str, str]:
    """What is the same in every answer to one sender: MSH up to field 6, fields 8 and 9, and from field 11."""
    separator = head.field
    before = (
        f"MSH{separator}{head.encoding_characters}",
        head.receiving_application,
        head.receiving_facility,
        head.sending_application,
        head.sending_facility,
        "",
    )
    wish = "NE" if asked else ""  # nobody acknowledges an acknowledgement
    version = head.version or _DEFAULT_VERSION
    after = ["", head.processing_id or "P", version, "", "", wish, wish, head.country, head.character_set]
    while not after[-1]:
        after.pop()
    return separator.join(before), f"{separator * 2}{_type(head)}{separator}", separator.join(after)


@lru_cache(maxsize=64)
def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S%z")


def _type(head: Header) -> str:
    """MSH-9: the trigger event came with 2.3, the message structure with 2.3.1."""
    version = _version(head.version)
    if not head.event or version < (2, 3):
        return "ACK"
    component = _separators(head.field, head.encoding_characters)[0]
    parts = ("ACK", head.event, "ACK") if version >= (2, 3, 1) else ("ACK", head.event)
    return component.join(parts)


def _msa(head: Header, code: str, text: str) -> str:
    fields = ["MSA", code, head.control_id]
    if text and _version(head.version) < (2, 5):  # from 2.5 on MSA-3 is deprecated and ERR-8 says it
        fields.append(_escape(text, head))
    return head.field.join(fields)


def _err(head: Header, errors: Sequence[ErrorLine]) -> list[str]:
    if not errors:
        return []
    component, repetition, _, subcomponent = _separators(head.field, head.encoding_characters)
    if _version(head.version) < (2, 5):  # one ERR, ERR-1 repeats: segment ^ sequence ^ field ^ code
        each = []
        for line in errors:
            where = [*_place(line.location), "", "", ""][:3]
            code = subcomponent.join((line.code, _escape(line.text or ERROR_TEXTS.get(line.code, ""), head), "HL70357"))
            each.append(component.join((*where, code)))
        return [head.field.join(("ERR", repetition.join(each)))]
    segments = []
    for line in errors:
        coded = component.join((line.code, _escape(ERROR_TEXTS.get(line.code, line.text), head), "HL70357"))
        severity = _SEVERITIES.get(line.severity, line.severity)
        where_text = component.join(_place(line.location))
        in_group = line.location if "/" in line.location else ""  # ERR-7, for whoever diagnoses it
        told = (_escape(in_group, head), _escape(line.text, head))
        segments.append(head.field.join(("ERR", "", where_text, coded, severity, "", "", *told)))
    return segments


_LOCATION = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{2})(?:\[(?P<sequence>\d+)\])?"
    r"(?:-(?P<field>\d+)(?:\[(?P<repetition>\d+)\])?(?:\.(?P<component>\d+)(?:\.(?P<subcomponent>\d+))?)?)?\Z"
)


@lru_cache(maxsize=1024)
def _place(location: str) -> list[str]:
    """A field path as ERL components: segment, sequence, field, repetition, component, subcomponent.

    ERL.2 counts the segments of one name in the message (chapter 2A, ERL). How many of them stand before a group is not
    known here, so a place in a group is that of the segment that leads it.
    """
    found = _LOCATION.match(location.partition("/")[0])
    if not found:
        return []
    parts = [found["segment"], found["sequence"] or "1", found["field"], found["repetition"] or "1"]
    parts += [found["component"], found["subcomponent"]]
    return [part for part in (parts if found["field"] else parts[:2]) if part]


@lru_cache(maxsize=64)
def _version(text: str) -> tuple[int, ...]:
    """``2.3.1`` as (2, 3, 1); what is no version counts as the one our acknowledgements are written in."""
    found = re.match(r"2\.\d+(?:\.\d+)?\Z", text)
    return tuple(map(int, (found[0] if found else _DEFAULT_VERSION).split(".")))


@lru_cache(maxsize=64)
def _separators(field: str, encoding_characters: str) -> tuple[str, ...]:
    """Component, repetition, escape and subcomponent, in the roles in which a receiver will read them."""
    delimiters, _ = delimiters_of(field, encoding_characters)
    if not "".join(delimiters).isascii():
        raise ParseError("what stands for a byte beyond ASCII depends on who reads it", place="MSH-2")
    return delimiters[1:5]


@lru_cache(maxsize=64)
def _escapes(field: str, encoding_characters: str) -> dict[int, str]:
    component, repetition, escape, subcomponent = _separators(field, encoding_characters)
    letters = {field: "F", component: "S", repetition: "R", escape: "E", subcomponent: "T"}
    table = {ord(each): f"{escape}{letter}{escape}" if escape else " " for each, letter in letters.items() if each}
    return table | _CONTROLS


def _escape(text: str, head: Header) -> str:
    return text.translate(_escapes(head.field, head.encoding_characters))


def _encoded(text: str, encoding: str) -> bytes:
    """In the sender's encoding, without the bytes of MLLP framing: UTF-16 makes them of letters of some scripts."""
    payload = text.encode(encoding, errors="replace")
    if _FRAMING.search(payload):
        kept = (each if not _FRAMING.search(each.encode(encoding, errors="replace")) else "?" for each in text)
        payload = "".join(kept).encode(encoding, errors="replace")
    return payload


def _mark(raw: bytes) -> bytes:
    """The byte order mark that the answer repeats: UTF-16 cannot be read without it, UTF-8 is better off so."""
    return raw[:2] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else b""


@lru_cache(maxsize=64)
def _wide(encoding: str) -> bool:
    return encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))


def _first_line(raw: bytes, encoding: str) -> tuple[str, str, bytes, bool]:
    """The MSH segment as text; the encoding and byte order mark of an answer; whether there is an MSA segment."""
    mark = b""
    if _wide(encoding):
        mark = _mark(raw)
        encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(mark, encoding)
        text = raw[len(mark) :].decode(encoding, errors="replace")
        body, narrow = text.encode(), "utf-8"
    else:
        body, narrow = raw, encoding
        start = 0 if raw.startswith(b"MSH") else len(raw) - len(raw.lstrip(_BEFORE))
        end = raw.find(b"\r", start, start + _LONGEST_MSH)
        text = raw[start : end if end >= 0 else start + _LONGEST_MSH].decode(encoding, errors="replace")
        if encoding == "utf-8-sig":
            encoding = "utf-8"
    if text[:3] != "MSH" or "\r" in text or "\n" in text:
        text = text.lstrip("\ufeff \t\r\n\x0b").partition("\r")[0].partition("\n")[0]
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    return text, encoding, mark, b"MSA" in body and _has_msa(body, text[3:4].encode(narrow, "replace"))


def _has_msa(body: bytes, separator: bytes) -> bool:
    """It has a segment of that name; a line of free text may begin with the same letters."""
    ends = (b"", separator[:1])
    return any(after in ends for after in _MSA.findall(body))


def _header(raw: bytes, encoding: str) -> Header:
    """Reads MSH by slicing: this runs for every message received."""
    text, encoding, mark, answers = _first_line(raw, encoding)
    if text[:3] != "MSH" or len(text) < 5:
        return Header(encoding=encoding, byte_order_mark=mark, answers=answers)
    separator = text[3]
    fields = text.split(separator, 19)
    fields += [""] * (19 - len(fields))
    fields[1] = fields[1] or _DEFAULT_ENCODING_CHARACTERS
    try:
        component, repetition = _separators(separator, fields[1])[:2]
    except ParseError:  # the answer must be readable even if the message is not
        separator, component, repetition = "|", "^", "~"
        table = _escapes(separator, _DEFAULT_ENCODING_CHARACTERS)
        fields = [fields[0], _DEFAULT_ENCODING_CHARACTERS, *(each.translate(table) for each in fields[2:])]
    kind = fields[8].split(repetition or "\0", 1)[0].split(component or "\0", 2)
    return Header(
        separator,
        fields[1],
        fields[2],
        fields[3],
        fields[4],
        fields[5],
        kind[0],
        kind[1] if len(kind) > 1 else "",
        fields[9],
        fields[10],
        fields[11].partition(component or "\0")[0],
        _condition(fields[14]),
        _condition(fields[15]),
        fields[16],
        fields[17],
        encoding,
        mark,
        answers,
    )


def _condition(text: str) -> str:
    return "" if text == '""' else text.strip()
