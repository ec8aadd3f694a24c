"""What differs between two readings of one message: its fate, its place, its answer, and each fact. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from officina.actions.receive.stated import Stated, Texts

NO_EFFECT = frozenset(("ignored", "parked", "rejected", "failed", "unreadable"))
_NUMBERED = re.compile(r"\[\d+\]")


class Change(NamedTuple):
    """One text that differs: its whole name, and the two texts, "" where there is none."""

    name: str
    old: str
    new: str


class Kind(NamedTuple):
    """What sort of difference it is, so that messages can be grouped by it.

    ``what`` is "fate" (then ``old`` and ``new`` are the two fates), "answer", "facility", "patient", "visit", "orders"
    (other ones), "finding", or "order", and ``name`` the fact.
    """

    what: str
    name: str = ""
    old: str = ""
    new: str = ""


class Difference(NamedTuple):
    """``kinds`` in the order of their weight; both are empty where nothing differs."""

    changes: tuple[Change, ...]
    kinds: tuple[Kind, ...]

    def __bool__(self) -> bool:  # a tuple of two is always true
        return bool(self.changes)


def difference(before: Stated, after: Stated) -> Difference:
    """What the second reading says otherwise. Another fate is one difference: what follows from it is not counted."""
    changes = [*_texts("", before.head, after.head)]
    other_orders: list[Change] = []
    fields: list[Change] = [
        *_texts("patient.", before.patient, after.patient),
        *_texts("visit.", before.visit, after.visit),
    ]
    for number, old, new in _paired(before.orders, after.orders):
        if old is None or new is None:
            other_orders.append(Change(f"order[{number}]", _named(old), _named(new)))
            fields += _texts(f"order[{number}].", old or {}, new or {})
        else:
            fields += _texts(f"order[{number}].", old, new)
    found = _findings(before.findings, after.findings)
    fate = before.head.get("fate", ""), after.head.get("fate", "")
    everything = (*changes, *other_orders, *fields, *found)
    if fate[0] != fate[1]:
        return Difference(everything, (Kind("fate", "", *fate),))
    kinds = [_kind(each) for each in (*changes, *other_orders, *_of_pairs(fields, other_orders), *found)]
    return Difference(everything, tuple(dict.fromkeys(kinds)))


def gains_an_effect(found: Difference) -> bool:
    """Whether a message that has none by the first reading has orders by the second."""
    return any(each.what == "fate" and each.old in NO_EFFECT and each.new == "order" for each in found.kinds)


def _kind(change: Change) -> Kind:
    top, _, rest = change.name.partition(".")
    if top in ("answer", "error", "reason"):
        return Kind("answer")
    if top in ("facility", "place"):
        return Kind("facility")
    if top.startswith("order["):
        return Kind("order", _NUMBERED.sub("", rest).partition(".")[0]) if rest else Kind("orders")
    return Kind(_NUMBERED.sub("", top), _NUMBERED.sub("", rest))


def _of_pairs(fields: Sequence[Change], other: Sequence[Change]) -> list[Change]:
    """Without the facts of orders that only one of the readings has."""
    alone = tuple(f"{each.name}." for each in other)
    return [each for each in fields if not each.name.startswith(alone)] if alone else list(fields)


def _texts(prefix: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    names = dict.fromkeys((*old, *new))
    return [
        Change(f"{prefix}{name}", old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def _findings(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    gone, came = [each for each in old if each not in new], [each for each in new if each not in old]
    return [*(Change("finding", each, "") for each in gone), *(Change("finding", "", each) for each in came)]


def _paired(old: Sequence[Texts], new: Sequence[Texts]) -> list[tuple[int, Texts | None, Texts | None]]:
    """Orders of both readings side by side. As many are the same ones in their order; else those with equal numbers."""
    if len(old) == len(new):
        return [(number, before, after) for number, (before, after) in enumerate(zip(old, new, strict=True), 1)]
    pairs: list[tuple[Texts | None, Texts | None]] = []
    alike = SequenceMatcher(None, [_key(each) for each in old], [_key(each) for each in new], autojunk=False)
    for how, first, last, start, end in alike.get_opcodes():
        if how == "equal":
            pairs += zip(old[first:last], new[start:end], strict=True)
        else:
            pairs += [(each, None) for each in old[first:last]] + [(None, each) for each in new[start:end]]
    return [(number, before, after) for number, (before, after) in enumerate(pairs, 1)]


def _key(order: Texts) -> tuple[str, ...]:
    return tuple(order.get(name, "") for name in ("control", "placer_number", "filler_number", "drug_text"))


def _named(order: Texts | None) -> str:
    return "" if order is None else order.get("drug_text") or order.get("drug_code") or order.get("control", "order")
