"""A message's segments sorted into what concerns all of it and what belongs to each order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from officina.message.source import Fields

# RXE and RXD say again, encoded or dispensed, what RXO asked for; these segments follow each of them.
_LEADERS = frozenset(("RXO", "RXE", "RXD"))
_FOLLOWERS = ("TQ1", "RXR", "RXC")
_SHARED = ("MSH", "PID", "PD1", "PV1", "PV2")
# What names a patient and a stay. A message has one PATIENT group (HL7 2.5.1 chapters 4.4 and 4.13); careless senders
# write it anew before each order, with a new set id or fewer fields, and that is still the same patient.
_NAMING = {
    "PID": (2, 3, 4, 5, 7),  # identifiers, name, birth date
    "PV1": (3, 19),  # location with the facility, visit number
}


@dataclass(slots=True)
class Part:
    """The segments of one order by name, in the order they came; ``position`` counts the ORCs from 1 (0: no ORC)."""

    position: int
    segments: dict[str, list[Fields]] = field(default_factory=dict)
    _asked: dict[str, list[Fields]] = field(default_factory=dict)

    def add(self, fields: Fields) -> None:
        """Take a segment; what follows RXE or RXD counts before what followed RXO."""
        name = fields[0]
        if name in ("RXE", "RXD") and "RXO" in self.segments:
            self._set_aside()
        if name in self.segments:
            self.segments[name].append(fields)
        else:
            self.segments[name] = [fields]

    def close(self) -> None:
        for name, found in self._asked.items():
            self.segments.setdefault(name, found)
        self._asked.clear()

    def _set_aside(self) -> None:
        for name in _FOLLOWERS:
            found = self.segments.pop(name, None)
            if found:
                self._asked[name] = found

    @property
    def has_drug_segment(self) -> bool:
        return not _LEADERS.isdisjoint(self.segments)


@dataclass(slots=True)
class Parts:
    """``head`` has the first segment of each name wherever it stands (a PV1 may follow its RXE).

    ``contradicted`` is the first segment that names another patient or stay than the head does (``PID[2]``), or "".
    """

    head: dict[str, list[Fields]]
    orders: list[Part]
    contradicted: str = ""


def sort(segments: Iterable[Fields]) -> Parts:
    """An order reaches from its ORC to the next; a message with one ORC, or none, is one order as a whole.

    A second RXE (RXO, RXD) under one ORC begins another order with the same ORC: careless senders do that, and an
    order must not be lost. The standard allows one each per ORC.
    """
    head: dict[str, list[Fields]] = {}
    before: list[Fields] = []
    orders: list[Part] = []
    part: Part | None = None
    naming: list[Fields] = []
    for fields in segments:
        name = fields[0]
        if name not in head:
            head[name] = [fields]
        elif name in _NAMING:
            naming.append(fields)
        if name == "ORC":
            orders.append(part := Part(len(orders) + 1))
        elif part is None:
            before.append(fields)
            continue
        elif name in _LEADERS and name in part.segments:
            orders.append(part := _sibling(part))
        part.add(fields)
    orders = _whole(before, orders)
    if len(orders) > 1:
        _share(head, orders)
    return Parts(head, orders, _contradicted(head, naming) if naming else "")


def _contradicted(head: dict[str, list[Fields]], repeated: Iterable[Fields]) -> str:
    count: Counter[str] = Counter()
    for fields in repeated:
        name = fields[0]
        count[name] += 1
        if not _same(head[name][0], fields):
            return f"{name}[{count[name] + 1}]"
    return ""


def _same(first: Fields, other: Fields) -> bool:
    """What one of them leaves out contradicts nothing, but what names something has to agree in something."""
    said = [(_field(first, number), _field(other, number)) for number in _NAMING[first[0]]]
    if not any(there for _, there in said):
        return True
    both = [here == there for here, there in said if here and there]
    return bool(both) and all(both)


def _field(fields: Fields, number: int) -> str:
    return fields[number].strip() if number < len(fields) else ""


def _sibling(part: Part) -> Part:
    other = Part(part.position)
    other.segments["ORC"] = part.segments["ORC"]
    return other


def _whole(before: list[Fields], orders: list[Part]) -> list[Part]:
    """With one ORC at most, segments that stand before it belong to the order too; notes there are the patient's."""
    if not orders:
        if not any(fields[0] in _LEADERS for fields in before):
            return []
        orders.append(Part(0))
        for fields in before:
            orders[0].add(fields)
    elif len(orders) == 1:
        part = orders[0]
        for fields in before:
            if fields[0] != "NTE":
                part.segments.setdefault(fields[0], []).append(fields)
    for part in orders:
        part.close()
    return orders


def _share(head: dict[str, list[Fields]], orders: list[Part]) -> None:
    """Several orders of one message have their patient and visit in common."""
    for part in orders:
        for name in _SHARED:
            if name in head:
                part.segments.setdefault(name, head[name])
