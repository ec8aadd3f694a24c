"""The status of an order, and where each order control (HL7 table 0119) leads: one table, nowhere else."""

from __future__ import annotations

from typing import Literal

OrderStatus = Literal["active", "changed", "on_hold", "discontinued", "cancelled"]
Effect = Literal["ask", "stop", "cancel", "hold", "release", "report"]

STATUSES: tuple[OrderStatus, ...] = ("active", "changed", "on_hold", "discontinued", "cancelled")
ENDED: frozenset[OrderStatus] = frozenset(("discontinued", "cancelled"))

# What a control does. Those not named here are answers and reports: they change no status.
EFFECTS: dict[str, Effect] = {
    **dict.fromkeys(("NW", "XO", "XX", "XR", "RF", "RO", "OP", "PY", "PA", "CH", "SN", "AF", "FU"), "ask"),
    # RP, RU, RQ: "the replaced orders are treated as though they were canceled" (2.5.1, 4.5.1.1). What replaces them
    # comes as RO. A medication that was being taken is stopped, not withdrawn before it took effect.
    **dict.fromkeys(("DC", "OD", "DR", "RP", "RU", "RQ"), "stop"),
    **dict.fromkeys(("CA", "OC", "CR"), "cancel"),
    **dict.fromkeys(("HD", "OH", "HR"), "hold"),
    **dict.fromkeys(("RL", "OE", "OR"), "release"),
    **dict.fromkeys(("RE", "NA"), "report"),
}

# First status of an order that the book meets through this effect.
_FIRST: dict[Effect, OrderStatus] = {
    "ask": "active",
    "report": "active",
    "release": "active",
    "hold": "on_hold",
    "stop": "discontinued",
    "cancel": "cancelled",
}
_LEADS_TO: dict[tuple[Effect, OrderStatus], OrderStatus] = {
    **{("stop", status): "discontinued" for status in STATUSES},
    **{("cancel", status): "cancelled" for status in STATUSES},
    ("stop", "cancelled"): "cancelled",
    ("cancel", "discontinued"): "discontinued",
    ("hold", "active"): "on_hold",
    ("hold", "changed"): "on_hold",
    ("release", "on_hold"): "active",
}
# With changed facts an order that is asked for again lives again; a held one stays held until it is released.
_CHANGED: dict[OrderStatus, OrderStatus] = {
    "active": "changed",
    "changed": "changed",
    "on_hold": "on_hold",
    "discontinued": "changed",
    "cancelled": "changed",
}


def asks(control: str) -> bool:
    """Whether it asks for an order or a change of one; other messages speak of what was asked for before."""
    return EFFECTS.get(control, "report") == "ask"


def decides(control: str) -> bool:
    """Whether it says what becomes of an order; a report, as of a dispense, does not."""
    return EFFECTS.get(control, "report") != "report"


def presumes_an_order(control: str) -> bool:
    """Whether it makes sense only for an order that is there: nothing else can be stopped, held or released."""
    return EFFECTS.get(control, "report") in ("stop", "cancel", "hold", "release")


def first(control: str) -> OrderStatus:
    """The status of an order new to the book."""
    return _FIRST[EFFECTS.get(control, "report")]


def after(control: str, current: str, changed: bool) -> OrderStatus:
    """The status after a control; ``changed`` says whether the order's facts differ from what stood in the book.

    The same request once more leaves the status alone, so a late repetition of a new order wakes no stopped one.
    """
    status = _known(current)
    effect = EFFECTS.get(control, "report")
    if effect == "ask":
        return _CHANGED[status] if changed else status
    return _LEADS_TO.get((effect, status), status)


def _known(word: str) -> OrderStatus:
    for status in STATUSES:
        if status == word:
            return status
    raise ValueError(f"{word} is no order status")
