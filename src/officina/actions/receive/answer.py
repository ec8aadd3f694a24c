"""What the sender is told: state and findings of a message as acknowledgements."""

from __future__ import annotations

from collections.abc import Sequence

from officina.actions.receive.reading import Reading
from officina.clock import moment
from officina.message.finding import Finding
from officina.wire.acknowledge import Ack, ErrorLine, acknowledge
from officina.workflow.intake import MessageState, outcome

# Between the acknowledgements of one message as they are stored (HL7 text cannot hold an unescaped FS).
SEPARATOR = b"\x1c"
MOST_ERRORS = 20


def answers(reading: Reading, state: MessageState, number: int) -> list[Ack]:
    """None, one or two acknowledgements; ``number`` is the message's id, which makes MSH-10 of the answer unique."""
    control_id, told = f"OF{number}", outcome(state)
    if told == "accept":
        return [each.filled(control_id) for each in reading.assent]
    return acknowledge(
        reading.head,
        told,
        control_id=control_id,
        at=moment(reading.received_at),
        errors=_errors(reading.findings),
        mode=reading.source.mode,
    )


def anew(reading: Reading, number: int) -> list[Ack]:
    """What the sender of a repetition hears where the first answer is no longer kept: that it is taken care of."""
    control_id = f"OF{number}"
    if reading.assent:
        return [each.filled(control_id) for each in reading.assent]
    at, mode = moment(reading.received_at), reading.source.mode
    return acknowledge(reading.head, "accept", control_id=control_id, at=at, mode=mode)


def stored(acks: Sequence[Ack]) -> bytes:
    """The acknowledgements as one value of the book."""
    return SEPARATOR.join(ack.payload for ack in acks)


def payloads(answer: bytes) -> list[bytes]:
    """The acknowledgements of a stored answer."""
    return answer.split(SEPARATOR) if answer else []


def _errors(findings: Sequence[Finding]) -> list[ErrorLine]:
    due = [each for each in findings if each.severity == "error"][:MOST_ERRORS]
    return [ErrorLine(each.path, each.ack_code or "207", each.severity, each.text) for each in due]
