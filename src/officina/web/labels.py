"""The words, status and glyph every stored state is shown with: one table for all screens.

A status is one of six (waiting, working, attention, problem, done, inactive); each has its colour and its glyph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from officina.store.rows import IdentifierRow


class Label(NamedTuple):
    """``status`` one of `STATUSES`; ``word`` what people read; ``meaning`` one sentence about it."""

    status: str
    word: str
    meaning: str = ""


STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "waiting": "nothing has begun; someone or something will come to it",
        "working": "in force, or being worked on now",
        "attention": "a person should look, when they can",
        "problem": "someone must act",
        "done": "finished, and well",
        "inactive": "over, or without effect",
    }
)

MESSAGE_STATES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "accepted": Label("done", "Accepted", "Its orders stand in the book."),
        "ignored": Label("inactive", "Ignored", "Kept; the profile gives this kind of message no effect."),
        "duplicate": Label("inactive", "Duplicate", "Kept; the book already has what it says."),
        "parked": Label("attention", "Parked", "Kept until a person removes the cause; the sender need not repeat it."),
        "failed": Label("problem", "Failed", "It could not be processed; the sender was told to try again."),
        "rejected": Label("problem", "Rejected", "Refused; the sender was told the reason."),
        "unreadable": Label("problem", "Unreadable", "Kept byte for byte; no message could be made out."),
        "outgoing": Label("working", "Outgoing", "Written here to be sent; see its deliveries."),
    }
)

ORDER_STATUSES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "active": Label("working", "Active", "In force as the last message says."),
        "changed": Label("attention", "Changed", "In force; differs from what first arrived."),
        "on_hold": Label("waiting", "On hold", "Not to be given until it is released."),
        "discontinued": Label("inactive", "Discontinued", "Stopped."),
        "cancelled": Label("inactive", "Cancelled", "Withdrawn before it took effect."),
    }
)

DELIVERY_STATES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "queued": Label("waiting", "Queued", "It will be sent in its turn."),
        "delivered": Label("done", "Delivered", "The receiver has taken it."),
        "failed": Label("problem", "Failed", "In the error queue: it is not sent again unless a person says so."),
        "deleted": Label("inactive", "Given up", "A person decided that it need not be sent."),
    }
)

CONNECTOR_STATES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "running": Label("done", "Running", "It takes what comes, or sends what is queued."),
        "waiting": Label("attention", "Waiting", "The first of its queue could not be handed over; it will try again."),
        "failed": Label("problem", "Not running", "It could not be started."),
        "starting": Label("working", "Starting", "It is being started now."),
        "suspended": Label("waiting", "Suspended", "A person stopped it; what is queued waits."),
        "inactive": Label("inactive", "Inactive", "Configured, and not in use."),
    }
)

ATTEMPT_RESULTS: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "accepted": Label("done", "Taken", "The receiver has it (AA, CA)."),
        "rejected": Label("problem", "Refused", "The receiver does not take it (AR, CR)."),
        "unsendable": Label("problem", "Not sendable", "It holds bytes that no frame can carry."),
        "error": Label("attention", "Not now", "The receiver could not take it now (AE, CE)."),
        "unreachable": Label("attention", "Not reached", "There was no connection; nothing was sent."),
        "no_answer": Label("attention", "No answer", "It was sent, and may have arrived."),
        "bad_answer": Label("attention", "Bad answer", "It was sent; the answer does not say what became of it."),
    }
)

ALERT_STATES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "urgent": Label("problem", "Urgent", "Someone must act now; it is told again until somebody takes it on."),
        "open": Label("attention", "Open", "Someone should look."),
        "acknowledged": Label("working", "Acknowledged", "A person has taken it on; it is not told again."),
        "closed": Label("done", "Over", "Its cause is gone."),
    }
)

SEVERITIES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "error": Label("problem", "Error"),
        "warning": Label("attention", "Warning"),
        "info": Label("inactive", "Note"),
    }
)

ACKNOWLEDGEMENTS: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "AA": Label("done", "AA", "Application accept: taken care of; nothing is left for the sender to do."),
        "CA": Label("done", "CA", "Commit accept: safely kept; processing follows."),
        "AE": Label("problem", "AE", "Application error: it could not be processed; the sender may try again."),
        "CE": Label("problem", "CE", "Commit error: it could not be kept; the sender may try again."),
        "AR": Label("problem", "AR", "Application reject: not acceptable as it is."),
        "CR": Label("problem", "CR", "Commit reject: not acceptable as it is."),
        "": Label("inactive", "none", "The sender asked for no acknowledgement."),
    }
)

ANSWER_OUTCOMES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "none": Label("inactive", "not asked for"),
        "written": Label("done", "sent"),
        "undeliverable": Label("attention", "could not be sent", "The connection was gone before the answer."),
    }
)

ORDER_CONTROLS: Final[Mapping[str, str]] = MappingProxyType(  # HL7 table 0119
    {
        "NW": "new order",
        "XO": "change order",
        "XX": "order changed",
        "RF": "refill",
        "RP": "replacement",
        "RO": "replacement order",
        "RU": "replaced",
        "RQ": "replaced as requested",
        "DC": "discontinue",
        "OD": "discontinued",
        "DR": "discontinued as requested",
        "CA": "cancel",
        "OC": "cancelled",
        "CR": "cancelled as requested",
        "HD": "hold",
        "OH": "held",
        "HR": "on hold as requested",
        "RL": "release",
        "OE": "released",
        "OR": "released as requested",
        "RE": "observations to follow",
        "SN": "send order number",
        "SC": "status changed",
    }
)

IDENTIFIER_TYPES: Final[Mapping[str, str]] = MappingProxyType(  # HL7 table 0203
    {
        "MR": "Record",
        "PI": "Patient id",
        "PT": "Patient id",
        "PN": "Person number",
        "AN": "Account",
        "VN": "Visit",
        "NH": "Health plan",
        "MA": "Medicaid",
        "MC": "Medicare",
    }
)

# Numbers that tell more about a person than who they are here; they stand in the message, not on lists and banners.
UNSHOWN_IDENTIFIERS: Final = frozenset({"SS", "SSN", "DL", "PPN", "CC", "BA"})

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "message_repeated": "same control id and content",
        "order_repeated": "same orders under a new control id",
        "older_than_current": "a newer message came before it",
        "facility_unknown": "facility code not known",
        "facility_missing": "no facility code",
        "type_ignored": "type without effect here",
        "type_refused": "type not taken here",
        "answer": "an acknowledgement",
        "no_pharmacy_order": "no pharmacy order in it",
        "control_ignored": "order control without effect",
        "control_refused": "order control not taken",
        "control_unknown": "order control not known",
        "control_missing": "no order control",
        "no_patient_identifier": "no patient identifier",
        "several_patients": "orders of several patients",
        "patient_differs": "not the patient its number names",
        "patient_uncertain": "not certain whose it is",
        "processing_refused": "not for real",
        "batch_envelope": "around the messages of a batch",
        "empty_batch": "a batch without messages",
        "too_long": "longer than the limit",
        "no_match": "no connector on the port takes it",
        "not_allowed": "from an address not allowed",
        "outside_frame": "bytes outside any frame",
        "end_missing": "a frame that never ended",
        "unreadable": "no usable MSH segment",
        "internal": "a defect of the hub",
        "rejected": "refused by the receiver",
        "unsendable": "no frame can carry it",
        "doubtful": "it may have arrived; sending it again is left to a person",
        "too_many_attempts": "tried as often as its connector allows",
        "too_old": "older than its connector allows",
        "edited": "changed by a person",
        "composed": "composed by a profile",
        "not_composed": "its message cannot be composed",
        "set_aside": "set aside by a person",
        "bytes_gone": "what it would send is no longer kept",
    }
)

_TABLES: Final[Mapping[str, Mapping[str, Label]]] = MappingProxyType(
    {
        "message": MESSAGE_STATES,
        "order": ORDER_STATUSES,
        "delivery": DELIVERY_STATES,
        "connector": CONNECTOR_STATES,
        "attempt": ATTEMPT_RESULTS,
        "alert": ALERT_STATES,
        "severity": SEVERITIES,
        "answer": ANSWER_OUTCOMES,
        "acknowledgement": ACKNOWLEDGEMENTS,
    }
)


def label(table: str, value: str) -> Label:
    """How a stored word is shown. A word this version does not know is shown as it is, without a colour."""
    return _TABLES[table].get(value) or Label("inactive", spoken(value))


def shown_identifiers(rows: Iterable[IdentifierRow]) -> list[IdentifierRow]:
    """Those of a patient's identifiers that lists and banners show."""
    return [row for row in rows if row.type not in UNSHOWN_IDENTIFIERS]


def reason(word: str) -> str:
    """Why a message is in its state, in a few words."""
    return REASONS.get(word) or word.replace("_", " ")


def spoken(word: str) -> str:
    """A stored word as people read it: ``unknown_facility`` is "Unknown facility"."""
    return (word[:1].upper() + word[1:]).replace("_", " ")
