"""Differences between two readings of a message, in words."""

from __future__ import annotations

from officina.actions.receive.difference import Kind
from officina.web import labels


def in_words(kind: Kind) -> str:
    """What would be the case for the messages of a group: ``taken as orders instead of parked``."""
    match kind.what:
        case "fate":
            return f"{fate_word(kind.new)} instead of {fate_word(kind.old)}"
        case "answer":
            return "answered otherwise"
        case "facility":
            return "routed otherwise"
        case "orders":
            return "with other orders"
        case "finding":
            return "with other findings"
        case "patient" | "visit":
            return f"with other facts of the {kind.what}: {named(kind.name)}"
        case "order":
            return f"with other {named(kind.name)}"
    return f"with other {named(kind.what)}"


def named(name: str) -> str:
    """``order[1].drug_code`` as people read it: ``order 1 drug code``."""
    return name.replace("[", " ").replace("]", "").replace(".", " ").replace("_", " ")


def fate_word(fate: str) -> str:
    """What became, or would become, of a message."""
    return "taken as orders" if fate == "order" else labels.label("message", fate).word.lower()
