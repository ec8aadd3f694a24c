"""What a message asks to be told (MSH-15, MSH-16; HL7 v2.5.1 section 2.9.3), and what an acknowledgement tells."""

from __future__ import annotations

from typing import NamedTuple

from officina.wire import er7


class Asked(NamedTuple):
    """``sure``: answers to wait for, 0 to 2. ``refusal``: one more comes if the message is refused (ER)."""

    control_id: str
    sure: int
    refusal: bool


class Answer(NamedTuple):
    """MSA-1, MSA-2 and the receiver's words (ERR-8, MSA-3 or ERR-3); the code is "" for what cannot be read."""

    code: str
    control_id: str
    text: str


def asked(payload: bytes) -> Asked:
    """In original mode one answer. In enhanced mode each condition of table 0155 asks for its own: AL always, SU on
    success, which is waited for since nothing else tells it; ER only on error, NE never."""
    try:
        head = er7.parse(payload)
    except er7.ParseError:
        return Asked("", 1, False)
    accept, application = head.get("MSH-15"), head.get("MSH-16")
    if not accept and not application:
        return Asked(head.get("MSH-10"), 1, False)
    sure = (accept in ("AL", "SU")) + (application in ("AL", "SU"))
    # A refused commit (CE, CR) comes in the place of the application acknowledgement, which is waited for already.
    refusal = application == "ER" or (accept == "ER" and not sure)
    return Asked(head.get("MSH-10"), sure, refusal)


def answer(payload: bytes) -> Answer:
    """What one acknowledgement tells."""
    try:
        message = er7.parse(payload)
    except er7.ParseError as error:
        return Answer("", "", f"the answer cannot be read: {error.text}")
    code = message.get("MSA-1")
    place = message.get("ERR-2") if code[1:] != "A" else ""
    text = message.get("ERR-8") or message.get("ERR-7") or message.get("MSA-3") or message.get("ERR-3.2")
    return Answer(code, message.get("MSA-2"), f"{place}: {text}" if place and text else text)


def is_last(payload: bytes) -> bool:
    """After CE and CR no application acknowledgement follows, and after that nothing does; only CA promises more."""
    return answer(payload).code != "CA"
