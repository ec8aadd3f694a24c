"""What is wrong or odd in what a message says: findings with place, reason and way out, without patient values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Protocol

from officina.message.cut import NULL
from officina.message.finding import Finding
from officina.message.source import Problem

# HL7 table 0357
SEQUENCE = "100"
REQUIRED_MISSING = "101"
DATA_TYPE = "102"
NOT_IN_TABLE = "103"
TYPE_UNSUPPORTED = "200"
PROCESSING_UNSUPPORTED = "202"
APPLICATION = "207"

_LONGEST_CODE = 11
_NO_DRUG_NEEDED = frozenset(
    ("DC", "OD", "DR", "RP", "RU", "RQ", "CA", "OC", "CR", "HD", "OH", "HR", "RL", "OE", "OR", "NA")
)


class OrderWords(Protocol):
    """What is looked at in an order."""

    @property
    def place(self) -> str: ...
    @property
    def control(self) -> str: ...
    @property
    def stated(self) -> str: ...
    @property
    def values(self) -> dict[str, str]: ...


def header(control_id: str) -> list[Finding]:
    """A message without MSH-10 is taken; only its repetition cannot be told by its id."""
    if control_id:
        return []
    text = "the message has no control id, so its acknowledgement cannot name it; the sender should number its messages"
    return [Finding("MSH-10", "warning", "no_control_id", text)]


def type_refused(message_type: str) -> Finding:
    kind = f"messages {shown(message_type)}" if message_type else "messages without a type"
    text = f"{kind} are not taken here; send orders, or add the type to the profile"
    return Finding("MSH-9", "error", "type_refused", text, TYPE_UNSUPPORTED)


def processing(stated: str, accepted: Set[str]) -> list[Finding]:
    """MSH-11 says whether a message is for real (HL7 2.5.1 chapter 2.9.2): training must never reach a patient."""
    if stated in ("", NULL) or stated.upper() in accepted:
        return []
    text = f"messages with processing id {shown(stated)} are not taken here; send P for real orders"
    return [Finding("MSH-11", "error", "processing_refused", text, PROCESSING_UNSUPPORTED)]


def no_pharmacy_order() -> Finding:
    text = "there is no pharmacy order in it: no RXE, RXO or RXD segment"
    return Finding("", "error", "no_pharmacy_order", text, APPLICATION)


def control_ignored(place: str, control: str) -> Finding:
    text = f"the profile ignores order control {control}; the message is kept, the order is not changed by it"
    return Finding(f"{place}-1", "info", "control_ignored", text)


def control_refused(place: str, control: str, *, known: bool) -> Finding:
    if not control:
        text = "the order control is missing; send NW for a new order, XO for a changed one"
        return Finding(f"{place}-1", "error", "control_missing", text, REQUIRED_MISSING)
    if not known:
        text = f"{shown(control)} is no order control of HL7 table 0119"
        return Finding(f"{place}-1", "error", "control_unknown", text, NOT_IN_TABLE)
    return Finding(
        f"{place}-1", "error", "control_refused", f"the profile refuses order control {control}", NOT_IN_TABLE
    )


def patient(identifiers: Sequence[object], fields: Mapping[str, str]) -> list[Finding]:
    """An order without any patient identifier cannot stand in the book: nobody could say whose it is."""
    if not identifiers:
        text = "the patient has no identifier; send one in PID-3"
        return [Finding("PID-3", "error", "no_patient_identifier", text, REQUIRED_MISSING)]
    if fields.get("family", NULL) == NULL and fields.get("given", NULL) == NULL:
        return [
            Finding("PID-5", "warning", "no_patient_name", "the patient has no name; the identifier alone names them")
        ]
    return []


def several_patients(place: str) -> Finding:
    """Orders of two people in one message: nobody could say for sure which of them is whose."""
    other = "another patient" if place.startswith("PID") else "another location or visit"
    text = f"{place} names {other} than the one before; send the orders of each in a message of their own"
    return Finding(place, "error", "several_patients", text, SEQUENCE)


def order(words: OrderWords) -> list[Finding]:
    """A missing drug does not refuse an order (a person decides), but it is never silent."""
    values, place = words.values, words.place
    findings = []
    if _empty(values, "drug_text", "drug_code") and words.control not in _NO_DRUG_NEEDED:
        findings.append(Finding(_drug_path(place, words.stated), "warning", "no_drug", "the order names no drug"))
    if _empty(values, "placer_number", "filler_number", "prescription_number"):
        text = "the order has no number, so a later change can only be matched by its content"
        findings.append(Finding(f"{place}-2", "info", "no_order_number", text))
    return findings


def unreadable(problems: Sequence[Problem]) -> list[Finding]:
    """Values that a transform could not read: kept as sent."""
    return [
        Finding(
            each.path, "warning", "unreadable_value", f"{each.key or 'the value'} {each.reason}; kept as it was sent"
        )
        for each in problems
    ]


def shown(code: str) -> str:
    """A code as it may be quoted: what is too long or too odd for a code may be anything, a patient's name too."""
    fits = len(code) <= _LONGEST_CODE and code.replace("^", "").replace("_", "").isalnum()
    return code if fits else "(not shown)"


def _drug_path(place: str, stated: str) -> str:
    path = {"RXO": "RXO-1", "RXD": "RXD-2"}.get(stated, "RXE-2")
    return path if place == "ORC" else f"{place}/{path}"


def _empty(values: Mapping[str, str], *keys: str) -> bool:
    return all(values.get(key, NULL) == NULL for key in keys)
