"""Reading what a receiver answered to a message of ours: HL7 v2.5.1 section 2.9, tables 0008, 0155 and 0357.

The counterpart of `acknowledge`. It must not know what became of the message because of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from officina.wire import er7

Result = Literal["accepted", "rejected", "error", "bad_answer"]

_CODES: dict[str, Result] = {
    "AA": "accepted",
    "CA": "accepted",
    "AE": "error",
    "CE": "error",
    "AR": "rejected",
    "CR": "rejected",
}

_MOST_ERRORS = 5  # of an answer that are told in words; all of them stand in its bytes


_COMMIT = ("CA", "CE", "CR")


class Asked(NamedTuple):
    """What a message asks to be told. ``sure``: answers to wait for, 0 to 2. ``refusal``: one more comes if the message
    is refused (ER).
    """

    control_id: str
    sure: int
    refusal: bool


class Answer(NamedTuple):
    """MSA-1, MSA-2 and the receiver's words (ERR-8, MSA-3 or ERR-3); the code is "" for what cannot be read."""

    code: str
    control_id: str
    text: str


class Said(NamedTuple):
    """What the answers come to.

    ``code`` is MSA-1 of the application acknowledgement (or of the only one, in original mode), ``accept_code`` that of
    the commit acknowledgement; ``text`` the receiver's words, or ours where the answer is none.
    """

    result: Result
    code: str = ""
    accept_code: str = ""
    text: str = ""


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
        return Answer("", "", f"the answer is no message: {error.text}")
    code = message.get("MSA-1")
    return Answer(code, message.get("MSA-2"), "" if code[1:] == "A" else _words(message))


def is_last(payload: bytes) -> bool:
    """Whether no other answer follows this one: only after CA there is an application acknowledgement (2.9.3.2).

    A receiver that knows the original mode alone answers AA, AE or AR whatever it was asked for.
    """
    return answer(payload).code.upper() != "CA"


def is_commit(payload: bytes) -> bool:
    """Whether it is a commit acknowledgement, which tells that the message was taken into safe keeping, or not."""
    return answer(payload).code.upper() in _COMMIT


def judge(answers: Sequence[bytes], wanted: Asked) -> Said:
    """The answers to one message. Whatever does not name it, or says nothing known, is a bad answer."""
    if not answers:
        return Said("accepted", text="no answer was asked for")
    accept_code = ""
    said = Said("bad_answer")
    for payload in answers:
        said = _judged(answer(payload), wanted.control_id)
        if said.code in _COMMIT:
            accept_code, said = said.code, said._replace(code="")
        if said.result != "accepted":
            break
    return said._replace(accept_code=accept_code)


def _judged(told: Answer, control_id: str) -> Said:
    result = _CODES.get(told.code.upper())
    if result is None:
        reason = told.text if not told.code and told.text else "there is no MSA-1"
        if told.code:
            reason = "its MSA-1 is not in table 0008"
        return Said("bad_answer", text=reason)
    if told.control_id != control_id:
        named = "names another control id" if told.control_id else "names no control id"
        return Said("bad_answer", told.code, text=f"the answer {named} in MSA-2")
    return Said(result, told.code.upper(), text=told.text)


def _words(message: er7.Message) -> str:
    """``PID-3: Unknown key identifier``, of each error that is told; MSA-3 where none is told in words."""
    count = min(message.names.count("ERR"), _MOST_ERRORS)
    told = [_error(message, f"ERR[{number}]", alone=count == 1) for number in range(1, count + 1)]
    return "; ".join(dict.fromkeys(each for each in told if each)) or message.get("MSA-3") or message.get("MSA-6.2")


def _error(message: er7.Message, segment: str, *, alone: bool) -> str:
    """One ERR; before version 2.5 all of it stood in ERR-1 (ELD: segment, sequence, field, code)."""

    def said(path: str) -> str:
        return message.get(f"{segment}-{path}")

    old = [said(f"1.{component}") for component in range(1, 4)]
    place = _place([said(f"2.{component}") for component in range(1, 7)] if said("2.1") else [*old, "", "", ""])
    first = said("8") or said("7") or (message.get("MSA-3") if alone else "")
    text = first or said("3.9") or said("3.2") or said("1.4.2")
    return f"{place}: {text}" if place and text else text


def _place(location: Sequence[str]) -> str:
    """ERL (segment, sequence, field, repetition, component, subcomponent) as a field path."""
    segment, sequence, field, repetition, component, subcomponent = location
    path = f"{segment}[{sequence}]" if sequence not in ("", "1") else segment
    if segment and field:
        path += f"-{field}" + (f"[{repetition}]" if repetition not in ("", "1") else "")
        path += "".join(f".{each}" for each in (component, subcomponent) if each)
    return path
