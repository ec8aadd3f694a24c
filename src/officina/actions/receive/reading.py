"""What can be told of a message from its bytes alone: its facts, its findings, and often already what becomes of it.

Pure: no book, no clock. Runs while the writer is busy with the messages before.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from officina.clock import moment
from officina.message.dedupe import digest
from officina.message.extract import Extract, extract, order_numbers
from officina.message.finding import Finding
from officina.message.profile import Profile
from officina.message.route import NoFacility, Routed, Routes, UnknownFacility, route
from officina.message.validate import shown
from officina.order.assemble import Assembled, assemble
from officina.packed import Like, Packed, pack
from officina.wire import er7
from officina.wire.acknowledge import AckMode, Form, Header, forms
from officina.workflow.intake import MessageState

log = logging.getLogger("officina.receive")


@dataclass(frozen=True, slots=True)
class Source:
    """A receiving connector as the reading of its messages needs it; ``routes`` are the facility codes it may name.

    ``facility`` is the code of a message that names none: "" where such a message is to be parked.
    """

    connector_id: int
    name: str
    profile: Profile
    routes: Routes
    facility: str = ""
    fallback_charset: str = "cp1252"
    mode: AckMode = AckMode.AUTO

    @property
    def actor(self) -> str:
        """How events name it."""
        return f"connector:{self.name}"


@dataclass(slots=True)
class Reading:
    """A message that came in. ``state`` and ``reason`` are empty where only the book can tell.

    ``packed`` are its bytes as the book keeps them; ``unheeded`` are the numbers of orders that are not taken from it;
    ``assent`` is what its sender hears if nothing goes wrong; ``mute``: it is no message, so nobody is answered.
    ``offer`` is whatever the one who offered it wants to find again beside the result.
    """

    raw: bytes
    source: Source
    received_at: int
    digest: bytes
    packed: Packed
    encoding: str = ""
    control_id: str = ""
    type: str = ""
    version: str = ""
    sender: str = ""
    facility_code: str = ""
    state: MessageState | None = None
    reason: str = ""
    routed: Routed | None = None
    assembled: Assembled | None = None
    assent: list[Form] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unheeded: list[str] = field(default_factory=list)
    mute: bool = False
    offer: object = None

    @staticmethod
    def of(raw: bytes, source: Source, *, at: int, findings: Sequence[Finding], offer: object) -> Reading:
        """What is known before anything is read."""
        return Reading(raw, source, at, digest(raw), pack(raw, Like.MESSAGE), findings=list(findings), offer=offer)

    @property
    def head(self) -> Header:
        """What an acknowledgement needs of it, as far as it can be read."""
        if self.mute:
            return Header(answers=True)
        return Header.of(self) if self.encoding else Header.salvage(self.raw)

    def numbers_without_effect(self, state: str) -> list[str]:
        """The order numbers it must be found by although no event of these orders names it."""
        if self.assembled is None or state in ("accepted", "duplicate"):
            return self.unheeded
        orders = self.assembled.orders
        named = [
            number for each in orders for number in (each.placer_number, each.filler_number, each.prescription_number)
        ]
        return order_numbers([*named, *self.unheeded])

    def end(self, state: MessageState, reason: str) -> None:
        self.state, self.reason = state, reason


def read(raw: bytes, source: Source, *, at: int, remarks: Sequence[Finding] = (), offer: object = None) -> Reading:
    """Read one message. ``remarks`` are what was noticed about how it came. Never raises, whatever is in the bytes."""
    reading = Reading.of(raw, source, at=at, findings=remarks, offer=offer)
    try:
        message = er7.parse(raw, fallback=source.fallback_charset)
    except er7.ParseError as error:
        text = f"{error.text}; {error.remedy}" if error.remedy else error.text
        reading.findings.append(Finding(error.place, "error", "unreadable", text, "100"))
        reading.end("unreadable", "unreadable")
        return reading
    except Exception:
        return _failed(reading)
    try:
        reading.encoding = message.encoding
        if message.warnings:
            reading.findings += [Finding(each.path, "info", each.code, each.text) for each in message.warnings]
        reading.assent = forms(Header.of(message), "accept", at=moment(at), mode=source.mode)
        _understand(reading, extract(message, source.profile))
    except Exception:
        return _failed(reading)
    return reading


def _failed(reading: Reading) -> Reading:
    """A defect of ours must not cost a message: it is kept, and its sender may send it again."""
    log.exception("A message could not be read.")
    reading.findings.append(Finding("", "error", "internal", "this message met a defect of the hub", "207"))
    reading.end("failed", "internal")
    return reading


def travelling(reading: Reading) -> Reading:
    """A reading made ready to be handed to another process, which has the bytes and the connector itself."""
    reading.raw, reading.source, reading.offer = b"", None, None  # type: ignore[assignment]  # until it has arrived
    return reading


def arrived(reading: Reading, raw: bytes, source: Source, remarks: Sequence[Finding], offer: object) -> None:
    """Make it complete again."""
    reading.raw, reading.source, reading.offer = raw, source, offer
    reading.findings[:0] = remarks


def read_envelope(
    raw: bytes, source: Source, *, at: int, remarks: Sequence[Finding] = (), offer: object = None, empty: bool = False
) -> Reading:
    """What stands around the messages of a batch (FHS, BHS, BTS, FTS, stray text): kept, and never answered itself."""
    reading = Reading.of(raw, source, at=at, findings=remarks, offer=offer)
    reading.mute = True
    reading.end("ignored", "empty_batch" if empty else "batch_envelope")
    return reading


def read_turned_away(
    raw: bytes, source: Source, why: Finding, *, at: int, remarks: Sequence[Finding] = (), offer: object = None
) -> Reading:
    """What a connector did not take. It is answered only if it shows an MSH: anything else came from no HL7 sender."""
    reading = Reading.of(raw, source, at=at, findings=[*remarks, why], offer=offer)
    head = reading.head
    reading.mute = not head.type and not head.control_id
    reading.control_id, reading.version = head.control_id, head.version
    reading.type = f"{head.type}^{head.event}" if head.event else head.type
    reading.sender = f"{head.sending_application}|{head.sending_facility}" if head.type else ""
    reading.end("rejected", why.code)
    return reading


def _understand(reading: Reading, stated: Extract) -> None:
    reading.control_id, reading.type, reading.version = stated.control_id, stated.type, stated.version
    reading.sender, reading.facility_code = stated.sender, stated.facility_code
    reading.unheeded = stated.numbers
    target = route(stated.facility_code or reading.source.facility, reading.source.routes)
    # Whatever becomes of it, those of its place may see it; but not what may be about somebody of another place, too.
    if isinstance(target, Routed) and stated.reason != "several_patients":
        reading.routed = target
    if stated.disposition != "order":
        reading.findings += stated.findings
        reading.end("rejected" if stated.disposition == "refuse" else "ignored", stated.reason)
    elif isinstance(target, Routed):
        _assemble(reading, stated, target)
    else:
        reading.findings += [*stated.findings, _unrouted(target)]
        reading.unheeded = order_numbers([*stated.order_numbers(), *stated.numbers])
        reading.end("parked", "facility_unknown" if isinstance(target, UnknownFacility) else "facility_missing")


def _assemble(reading: Reading, stated: Extract, target: Routed) -> None:
    # Two partners may number their patients alike, so a number without an authority is this partner's.
    reading.assembled = assemble(stated, target.zone, reading.source.name)
    reading.findings += reading.assembled.findings
    for order in reading.assembled.orders:
        order.seal()


def _unrouted(target: UnknownFacility | NoFacility) -> Finding:
    if isinstance(target, UnknownFacility):
        text = f"facility code {shown(target.code)} is not in the code map; add it, then process the message again"
        return Finding("", "warning", "facility_unknown", text)
    text = "it names no facility where its profile looks; give the connector a facility, then process it again"
    return Finding("", "warning", "facility_missing", text)
