"""What can be told of a message from its bytes alone: its facts, its findings, and often already what becomes of it.

Pure: no book, no clock. Runs while the writer is busy with the messages before.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from officina.message.dedupe import digest
from officina.message.extract import Extract, extract
from officina.message.finding import Finding
from officina.message.profile import Profile
from officina.message.route import NoFacility, Routed, Routes, UnknownFacility, route
from officina.order.assemble import Assembled, assemble
from officina.wire import er7
from officina.wire.acknowledge import AckMode, Header
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

    ``offer`` is whatever the one who offered it wants to find again beside the result.
    """

    raw: bytes
    source: Source
    received_at: int
    digest: bytes
    head: Header
    encoding: str = ""
    state: MessageState | None = None
    reason: str = ""
    extract: Extract | None = None
    routed: Routed | None = None
    assembled: Assembled | None = None
    findings: list[Finding] = field(default_factory=list)
    offer: object = None

    @property
    def control_id(self) -> str:
        return self.extract.control_id if self.extract else ""

    @property
    def facility_code(self) -> str:
        return self.extract.facility_code if self.extract else ""

    def end(self, state: MessageState, reason: str) -> None:
        self.state, self.reason = state, reason


def read(raw: bytes, source: Source, *, at: int, remarks: Sequence[Finding] = (), offer: object = None) -> Reading:
    """Read one message. ``remarks`` are what was noticed about how it came. Never raises for what a sender wrote."""
    reading = Reading(raw, source, at, digest(raw), Header(), findings=list(remarks), offer=offer)
    try:
        message = er7.parse(raw, fallback=source.fallback_charset)
    except er7.ParseError as error:
        reading.head = Header.salvage(raw)
        text = f"{error.text}; {error.remedy}" if error.remedy else error.text
        reading.findings.append(Finding(error.place, "error", "unreadable", text, "100"))
        reading.end("unreadable", "unreadable")
        return reading
    reading.head = Header.of(message)
    reading.encoding = message.encoding
    if message.warnings:
        reading.findings += [Finding(each.path, "info", each.code, each.text) for each in message.warnings]
    try:
        _understand(reading, extract(message, source.profile))
    except Exception:
        # A defect of ours must not cost a message: it is kept, and its sender may send it again.
        log.exception("A message could not be read.")
        reading.findings.append(Finding("", "error", "internal", "this message met a defect of the hub", "207"))
        reading.end("failed", "internal")
    return reading


def travelling(reading: Reading) -> Reading:
    """A reading made ready to be handed to another process, which has the bytes and the connector itself.

    What the orders were made from stays behind, and what is to be known of them is made here.
    """
    reading.raw, reading.source, reading.offer = b"", None, None  # type: ignore[assignment]  # until it has arrived
    if reading.extract is not None and reading.assembled is not None:
        stated = reading.extract
        stated.patient, stated.identifiers, stated.visit, stated.orders, stated.findings = {}, [], {}, [], []
        for order in reading.assembled.orders:
            order.digest()
    return reading


def arrived(reading: Reading, raw: bytes, source: Source, remarks: Sequence[Finding], offer: object) -> Reading:
    """The same, complete again."""
    reading.raw, reading.source, reading.offer = raw, source, offer
    reading.findings[:0] = remarks
    return reading


def read_envelope(
    raw: bytes, source: Source, *, at: int, remarks: Sequence[Finding] = (), offer: object = None, empty: bool = False
) -> Reading:
    """What stands around the messages of a batch (FHS, BHS, BTS, FTS, stray text): kept, and never answered itself."""
    reading = Reading(raw, source, at, digest(raw), Header(answers=True), findings=list(remarks), offer=offer)
    reading.end("ignored", "empty_batch" if empty else "batch_envelope")
    return reading


def read_turned_away(
    raw: bytes, source: Source, why: Finding, *, at: int, remarks: Sequence[Finding] = (), offer: object = None
) -> Reading:
    """What a connector did not take. It is answered only if it shows an MSH: anything else came from no HL7 sender."""
    head = Header.salvage(raw)
    if not head.type and not head.control_id:
        head = Header(answers=True)
    reading = Reading(raw, source, at, digest(raw), head, findings=[*remarks, why], offer=offer)
    reading.extract = Extract(
        control_id=head.control_id,
        type=f"{head.type}^{head.event}" if head.event else head.type,
        version=head.version,
        sender=f"{head.sending_application}|{head.sending_facility}" if head.type else "",
        facility_code="",
        sent_at="",
        disposition="refuse",
        reason=why.code,
    )
    reading.end("rejected", why.code)
    return reading


def _understand(reading: Reading, stated: Extract) -> None:
    reading.extract = stated
    if stated.disposition != "order":
        reading.findings += stated.findings
        reading.end("rejected" if stated.disposition == "refuse" else "ignored", stated.reason)
        return
    target = route(stated.facility_code or reading.source.facility, reading.source.routes)
    if isinstance(target, Routed):
        reading.routed = target
        # Two partners may number their patients alike, so a number without an authority is this partner's.
        reading.assembled = assemble(stated, target.zone, reading.source.name)
        reading.findings += reading.assembled.findings
        return
    reading.findings += stated.findings
    reading.findings.append(_unrouted(target))
    reading.end("parked", "facility_unknown" if isinstance(target, UnknownFacility) else "facility_missing")


def _unrouted(target: UnknownFacility | NoFacility) -> Finding:
    if isinstance(target, UnknownFacility):
        text = f"facility code {target.code} is not in the code map; add it, then process the message again"
        return Finding("", "warning", "facility_unknown", text)
    text = "it names no facility where its profile looks; give the connector a facility, then process it again"
    return Finding("", "warning", "facility_missing", text)
