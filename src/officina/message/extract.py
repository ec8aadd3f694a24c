"""What a message says, in the words of its profile: patient, visit and orders as text, and whether it is for us.

Pure and fast: one walk over the segments, compiled plans, no search by path. It knows neither the book nor the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from officina.message import validate
from officina.message.about import IdentifierText
from officina.message.cut import NULL, Cut
from officina.message.dates import Unreadable, hl7_datetime
from officina.message.finding import Finding
from officina.message.parts import Part, Parts, sort
from officina.message.plan import each_value
from officina.message.profile import Profile
from officina.message.source import Fields, Problem, Segments
from officina.message.tables import ORDER_CONTROL
from officina.message.timings import Words, quantity_timing, schedule
from officina.wire.er7 import Message

_HEADER = 10  # fields from MSH-3 to MSH-12
_ROLES = ("placer_number", "filler_number", "prescription_number")
_LONGEST_NUMBER = 200  # characters; nobody looks for a longer one, and no index holds every length
_LONGEST = 200  # characters of a header that is remembered; no honest one is longer

Fate = Literal["order", "ignore", "refuse", "acknowledgement"]


@dataclass(slots=True)
class OrderExtract:
    """One ORC and what belongs to it.

    ``place``  how findings name it: ``ORC`` or ``ORC[2]``; ``position`` counts the ORCs of the message from 1;
    ``values`` the profile's order keys that had a value (HL7 null stays ``""`` in quotes);
    ``stated`` the strongest drug segment there is: RXE, RXO, RXD or "".
    """

    place: str
    position: int
    control: str
    stated: str
    values: dict[str, str]
    notes: list[str]
    routes: list[str]
    components: list[dict[str, str]]
    schedules: list[Words]  # per TQ1
    quantity_timing: list[Words]  # RXE-1, else ORC-7
    requested_timing: list[Words]  # ORC-7


@dataclass(slots=True)
class Extract:
    """A message read through its profile.

    ``type`` is MSH-9.1^MSH-9.2; ``sender`` MSH-3|MSH-4; ``sent_at`` ISO text or as sent; ``offset`` (``-05:00``) holds
    for the times that have none, "" where they are local to the place; ``reason`` a stable word for a fate other than
    order (``type_refused``, ``control_ignored`` …), "" for an order; ``orders`` only those to be taken, ``numbers``
    the order numbers of all others it names.
    """

    control_id: str
    type: str
    version: str
    sender: str
    facility_code: str
    sent_at: str
    disposition: Fate
    reason: str
    offset: str = ""
    patient: dict[str, str] = field(default_factory=dict)
    identifiers: list[IdentifierText] = field(default_factory=list)
    visit: dict[str, str] = field(default_factory=dict)
    orders: list[OrderExtract] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def order_numbers(self) -> list[str]:
        """Those of the orders to be taken, in whichever role."""
        return [each.values.get(role, "") for each in self.orders for role in _ROLES]


def extract(message: Message, profile: Profile) -> Extract:
    """Read a message; never raises for what a sender wrote."""
    segments, texts = _segments(message)
    return _Reading(profile, Cut.of(message), sort(segments), texts).run()


def _segments(message: Message) -> tuple[list[Fields], dict[str, str]]:
    """Every segment cut into fields, index = field number, its name in capitals even if the sender wrote it small; and
    the text of the first segment of each name.
    """
    result: list[Fields] = []
    texts: dict[str, str] = {}
    separator = message.delimiters.field
    for name, text in message.lines():
        if "\0" in text:  # no text of HL7 has it, and no database takes it in a text
            text = text.replace("\0", "\ufffd")
        texts.setdefault(name, text)
        fields = text.split(separator)
        fields[0] = name
        if name == "MSH":
            fields.insert(1, separator)
        result.append(fields)
    return result, texts


class _Reading:
    """One message being read."""

    def __init__(self, profile: Profile, cut: Cut, parts: Parts, texts: Mapping[str, str]) -> None:
        self.profile, self.cut, self.parts, self.texts = profile, cut, parts, texts
        self.problems: list[Problem] = []
        self.findings: list[Finding] = []
        self.header = parts.head["MSH"][0]

    def run(self) -> Extract:
        head, cut, profile = self.parts.head, self.cut, self.profile
        message_type, version, sender = self._stated()
        fate, reason, orders = self._orders(message_type)
        patient, identifiers, visit = profile.about.read(head, self.texts, cut, self.problems)
        facility = profile.facility.read(head, cut, self.problems).get("facility", "")
        control_id, (sent_at, offset) = self._head(10), self._sent()
        findings = self.findings
        findings += validate.header(control_id)
        if fate == "order":
            findings += validate.processing(self._head(11), profile.processing)
            if self.parts.contradicted:
                findings.append(validate.several_patients(self.parts.contradicted))
            findings += validate.patient(identifiers, patient)
            for order in orders:
                findings += validate.order(order)
            if self.problems:
                findings += validate.unreadable(self.problems)
            for each in findings:
                if each.severity == "error":
                    fate, reason = "refuse", each.code
                    break
        return Extract(
            control_id=control_id,
            type=message_type,
            version=version,
            sender=sender,
            facility_code="" if facility == NULL else facility,
            sent_at=sent_at,
            disposition=fate,
            reason=reason,
            offset=offset if profile.zone == "message" else "",
            patient=patient,
            identifiers=identifiers,
            visit=visit,
            orders=(taken := orders if fate == "order" else []),
            findings=findings,
            numbers=self._numbers(taken),
        )

    # --- header ------------------------------------------------------------------------------------------------

    def _head(self, number: int) -> str:
        text = self.header[number] if number < len(self.header) else ""
        return text if text.isalnum() else self.cut.leaf(text, 1, 1, 1)

    def _stated(self) -> tuple[str, str, str]:
        """Type, version and sender."""
        texts = [*self.header[3:13], *[""] * _HEADER][:_HEADER]
        application, facility, kind, version = texts[0], texts[1], texts[6], texts[9]
        read = _header if len(application) + len(facility) + len(kind) + len(version) <= _LONGEST else _header_read
        return read(self.cut, application, facility, kind, version)

    def _sent(self) -> tuple[str, str]:
        """MSH-7 as ISO text (as sent, if it is no time) and its offset: "If the time zone is specified, it will be used
        throughout the message as the default time zone" (HL7 2.5.1 chapter 2, MSH-7).
        """
        text = self._head(7)
        try:
            read = hl7_datetime(text) if text else ""
        except Unreadable:
            return text, ""
        tail = read[-6:]
        return read, tail if "T" in read and tail[0] in "+-" else ""

    # --- orders ------------------------------------------------------------------------------------------------

    def _orders(self, message_type: str) -> tuple[Fate, str, list[OrderExtract]]:
        disposition = self.profile.disposition(message_type)
        if disposition in ("ignore", "acknowledgement"):
            return ("ignore", "type_ignored", []) if disposition == "ignore" else ("acknowledgement", "answer", [])
        if disposition == "refuse":
            self.findings.append(validate.type_refused(message_type))
            return "refuse", "type_refused", []
        parts = self.parts.orders
        if disposition != "order":
            parts = [part for part in parts if part.has_drug_segment]
            if not parts and disposition == "order-or-ignore":
                return "ignore", "no_pharmacy_order", []
        if not parts:
            self.findings.append(validate.no_pharmacy_order())
            return "refuse", "no_pharmacy_order", []
        return self._ruled(parts)

    def _ruled(self, parts: Sequence[Part]) -> tuple[Fate, str, list[OrderExtract]]:
        """Apply the profile's rule to each order control; one refused order refuses the message, for it is one unit."""
        taken: list[OrderExtract] = []
        refused = ""
        for part in parts:
            place = f"ORC[{part.position}]" if len(self.parts.orders) > 1 else "ORC"
            orc = part.segments.get("ORC")
            control = self.cut.leaf(orc[0][1], 1, 1, 1).upper() if orc and len(orc[0]) > 1 else ""
            rule = self.profile.control.get(control)
            if rule == "accept":
                taken.append(self._order(part, place, control))
            elif rule == "ignore":
                self.findings.append(validate.control_ignored(place, control))
            else:
                self.findings.append(validate.control_refused(place, control, known=control in ORDER_CONTROL))
                refused = refused or self.findings[-1].code
        if refused:
            return "refuse", refused, []
        return ("order", "", taken) if taken else ("ignore", "control_ignored", [])

    def _numbers(self, taken: Sequence[OrderExtract]) -> list[str]:
        """By which a message is found although these orders are not taken from it."""
        if len(taken) == len(self.parts.orders):
            return []
        positions = {each.position for each in taken}
        others = [part for part in self.parts.orders if part.position not in positions]
        stated = [self.profile.order.read(part.segments, self.cut, []) for part in others]
        return order_numbers(each.get(role, "") for each in stated for role in _ROLES)

    def _order(self, part: Part, place: str, control: str) -> OrderExtract:
        segments, cut, profile = part.segments, self.cut, self.profile
        before = len(self.problems)
        values = profile.order.read(segments, cut, self.problems)
        texts: dict[str, list[str]] = {"notes": [], "route": []}
        for key, sources in profile.lists:
            for source in sources:
                found = segments.get(source.place.segment)
                if found:
                    texts[key] = each_value(source, found, cut, self.problems)
                    if texts[key]:
                        break
        components = []
        if "RXC" in segments:
            components = [profile.component.read_segment(each, cut, self.problems) for each in segments["RXC"]]
        requested = self._quantity_timing(segments, "ORC", 7)
        if len(self.problems) > before and place != "ORC":
            self.problems[before:] = [each._replace(path=_grouped(place, each.path)) for each in self.problems[before:]]
        return OrderExtract(
            place=place,
            position=part.position,
            control=control,
            stated="RXE" if "RXE" in segments else "RXO" if "RXO" in segments else "RXD" if "RXD" in segments else "",
            values=values,
            notes=texts["notes"],
            routes=texts["route"],
            components=[each for each in components if each],
            schedules=[schedule(each, cut) for each in segments.get("TQ1", ())],
            quantity_timing=self._quantity_timing(segments, "RXE", 1) or requested,
            requested_timing=requested,
        )

    def _quantity_timing(self, segments: Segments, name: str, number: int) -> list[Words]:
        found = segments.get(name)
        text = found[0][number] if found and number < len(found[0]) else ""
        return quantity_timing(text, self.cut) if text and text != NULL else []


def order_numbers(stated: Iterable[str]) -> list[str]:
    """Those of them that can be looked for, each once."""
    return list(dict.fromkeys(each for each in stated if each and each != NULL and len(each) <= _LONGEST_NUMBER))


def _header_read(cut: Cut, application: str, facility: str, kind: str, version: str) -> tuple[str, str, str]:
    """(type, version, sender) of MSH-3, MSH-4, MSH-9 and MSH-12."""
    code, event = cut.leaf(kind, 1, 1, 1), cut.leaf(kind, 1, 2, 1)
    if not event:
        # Some senders write only the structure: ^^RDE_O11, or RDE_O11 alone.
        code, _, event = (cut.leaf(kind, 1, 3, 1) or code).partition("_")
    sender = f"{cut.leaf(application, 1, 1, 1)}|{cut.leaf(facility, 1, 1, 1)}"
    return f"{code}^{event}" if event else code, cut.leaf(version, 1, 1, 1), sender


_header = lru_cache(maxsize=256)(_header_read)  # one sender writes the same in all its messages


def _grouped(place: str, path: str) -> str:
    """``ORC[2]`` and ``RXE-10`` → ``ORC[2]/RXE-10``; a field of the ORC itself is ``ORC[2]-9``."""
    return place + path[3:] if path.startswith("ORC-") else f"{place}/{path}"
