"""One case: a stream of damaged frames goes the whole pure way from bytes to acknowledgement.

`try_case` raises when anything but a documented exception escapes, or when a promise of a room does not hold.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from tests.fuzz.mutate import chunks, damaged, framed

from officina.message.dedupe import digest
from officina.message.extract import extract
from officina.message.profile import Profile, load
from officina.order.assemble import assemble
from officina.wire import batch, er7, mllp, show
from officina.wire.acknowledge import AckMode, ErrorLine, Header, Outcome, acknowledge, is_acknowledgement
from officina.wire.path import PathError

_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_ZONE = ZoneInfo("America/New_York")
_CODES = {"AA", "AE", "AR", "CA", "CE", "CR"}
_OUTCOMES: tuple[Outcome, ...] = ("accept", "error", "reject")
_PATHS = (
    "MSH-9.1",
    "PID-3[2].5",
    "PID-5",
    "ORC[2]/RXE-2.2",
    "RXE-2.2.1",
    "OBX[2]-5",
    "TQ1-4",
    "ZZZ-40[3].9.9",
    "PV1-3.4",
)


def _profiles() -> tuple[Profile, ...]:
    folder = files("officina").joinpath("profiles")
    bodies = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return tuple(load(name, body, bodies.get) for name, body in sorted(bodies.items()))


PROFILES = _profiles()


class BrokenPromise(AssertionError):
    """Something that must hold for every input did not."""


def case_bytes(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """The stream of a case."""
    return framed([damaged(seeds, dice) for _ in range(dice.choice((1, 1, 1, 2)))], dice)


def try_case(seeds: Sequence[bytes], dice: random.Random) -> int:
    """Runs one case; returns how many messages came out of the stream."""
    stream = case_bytes(seeds, dice)
    unframed = dice.random() < 0.5
    limit = dice.choice((mllp.DEFAULT_MAX_SIZE, mllp.DEFAULT_MAX_SIZE, 600))
    events = _events([stream], limit, unframed)
    if _events(chunks(stream, dice), limit, unframed) != events:
        raise BrokenPromise("the frames depend on the chunking")
    payloads = [event.payload for event in events if isinstance(event, mllp.Frame)] or [stream]
    count = 0
    for payload in payloads:
        for raw in batch.split(payload).messages:
            count += 1
            try_message(raw, dice)
    return count


def _events(pieces: Sequence[bytes], limit: int, unframed: bool) -> list[mllp.Event]:
    decoder = mllp.Decoder(limit, unframed)
    found = [event for piece in pieces for event in decoder.feed(piece)]
    found += decoder.end()
    if decoder.pending:
        raise BrokenPromise("the decoder keeps bytes after the end")
    return found


def try_message(raw: bytes, dice: random.Random) -> None:
    """One message: parse, read, understand, assemble, answer."""
    digest(raw)
    head = Header.salvage(raw)
    try:
        message = er7.parse(raw)
    except er7.ParseError as error:
        if not error.text:
            raise BrokenPromise("a refusal without a reason") from error
        _answer(head, dice, [ErrorLine(error.place, "100", "error", error.text)])
        return
    if message.encode() != raw:
        raise BrokenPromise("an unmodified message does not encode to its own bytes")
    for path in _PATHS:
        message.get(path)
        message.raw_at(path)
    if dice.random() < 0.1:
        show.tree(message)
        show.text(message)
    errors = []
    extracted = extract(message, dice.choice(PROFILES))
    findings = list(extracted.findings)
    if extracted.disposition == "order":
        assembled = assemble(extracted, _ZONE)
        findings += assembled.findings
        for order in assembled.orders:
            order.digest()
    for finding in findings:
        if not finding.text:
            raise BrokenPromise("a finding without words")
        errors.append(ErrorLine(finding.path, finding.ack_code or "207", finding.severity, finding.text))
    _answer(Header.of(message), dice, errors)
    if dice.random() < 0.1:
        _write(message, dice)


def _answer(head: Header, dice: random.Random, errors: Sequence[ErrorLine]) -> None:
    mode = dice.choice((AckMode.AUTO, AckMode.AUTO, AckMode.ORIGINAL, AckMode.ENHANCED))
    acks = acknowledge(head, dice.choice(_OUTCOMES), control_id="OF1", at=_AT, errors=errors[:20], mode=mode)
    if mode is AckMode.ORIGINAL and len(acks) != (not is_acknowledgement(head)):
        raise BrokenPromise("original mode answers once, and an acknowledgement never")
    for ack in acks:
        if ack.code not in _CODES:
            raise BrokenPromise(f"acknowledgement code {ack.code}")
        answer = er7.parse(ack.payload)
        if answer.get("MSA-1") != ack.code:
            raise BrokenPromise("the acknowledgement does not read back")
        mllp.encode(ack.payload)


def _write(message: er7.Message, dice: random.Random) -> None:
    """What is set is read back, whatever the message looks like."""
    value = dice.choice(("plain", "a|b^c&d~e\\f", "Zoë", ""))
    try:
        message.set("PID-5[1].2", value)
    except PathError:
        return
    if message.get("PID-5[1].2") != value:
        raise BrokenPromise("a value that was set is not read back")
    er7.parse(message.encode())
