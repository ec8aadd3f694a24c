"""What one batch needs of the book: read with a few set-based queries, kept current as its messages are decided.

Two messages of one batch see each other's effects here just as if they had been committed one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from officina.actions.receive.past import Past
from officina.actions.receive.reading import Reading
from officina.message.dedupe import Known
from officina.order import match
from officina.order.order import Facts, Order, facts_of
from officina.order.patient import Identifier
from officina.packed import Packed
from officina.store import Tx, intake, orders, patients
from officina.store.rows import (
    BodyRow,
    DeliveryRow,
    EventRow,
    IdentifierRow,
    MessageNumberRow,
    MessageRow,
    OrderRow,
    PatientRow,
    VersionRow,
    VisitRow,
)

_NUMBERS = ("placer_number", "filler_number", "prescription_number")
_IDS_PER_MESSAGE = 6

SenderKey = tuple[int, str, str]  # connector id, sender, control id (or the digest in hex where there is none)
PatientKey = tuple[int, str, str, str]  # organisation id, type, authority, value
VisitKey = tuple[int, int, str]  # patient id, place id, number


class Book:
    """Rows by what they are looked up by; new and changed ones are written by `write`."""

    def __init__(self, tx: Tx, readings: Sequence[Reading]) -> None:
        self._tx = tx
        self._block: Iterator[int] = iter(())
        self._block_size = max(16, len(readings) * _IDS_PER_MESSAGE)
        self.known: dict[SenderKey, list[Known]] = defaultdict(list)
        self.answers: dict[int, tuple[str, bytes]] = {}
        self.identifiers: dict[PatientKey, int] = {}
        self.patients: dict[int, PatientRow] = {}
        self.visits: dict[VisitKey, VisitRow] = {}
        self.orders: dict[int, OrderRow] = {}
        self._by_number: dict[tuple[int, str, str], set[int]] = defaultdict(set)
        self._by_digest: dict[tuple[int, bytes], set[int]] = defaultdict(set)
        self._facts: dict[int, Packed] = {}
        self._new: set[int] = set()
        self._changed: set[int] = set()
        self.messages: list[MessageRow] = []
        self.changed_messages: list[MessageRow] = []
        self.changed_findings: dict[int, str] = {}
        self.bodies: list[BodyRow] = []
        self.message_numbers: list[MessageNumberRow] = []
        self.new_identifiers: list[IdentifierRow] = []
        self.versions: list[VersionRow] = []
        self.events: list[EventRow] = []
        self.order_types: dict[int, str] = {}  # of the orders that something happened to
        self.deliveries: list[DeliveryRow] = []
        self._load(readings)

    def id(self) -> int:
        """The next id of the roll."""
        for number in self._block:
            return number
        self._block = iter(self._tx.ids(self._block_size))
        return next(self._block)

    # --- messages ----------------------------------------------------------------------------------------------

    def known_of(self, reading: Reading) -> list[Known]:
        return self.known.get(_sender_key(reading), [])

    def add_message(self, reading: Reading, row: MessageRow, body: BodyRow) -> None:
        self.messages.append(row)
        self.bodies.append(body)
        if row.duplicate_of is None:
            named = reading.numbers_without_effect(row.state)
            self.message_numbers += [MessageNumberRow(number, row.id) for number in named]
        self.known[_sender_key(reading)].append(Known(row.id, row.control_id, row.digest, row.state))
        self.answers[row.id] = (row.ack_code, body.answer)

    # --- patients ----------------------------------------------------------------------------------------------

    def owners(self, organisation_id: int, identifiers: Iterable[Identifier]) -> dict[Identifier, int]:
        """Which of these identifiers somebody holds, and who."""
        keys = {each: (organisation_id, each.type, each.authority, each.value) for each in identifiers}
        return {each: self.identifiers[key] for each, key in keys.items() if key in self.identifiers}

    def identifiers_of(self, patient_id: int) -> list[Identifier]:
        """All that a patient holds; read only where a message states something the patient does not hold."""
        stored = [] if patient_id in self._new else patients.identifiers(self._tx, [patient_id])
        added = [each for each in self.new_identifiers if each.patient_id == patient_id]
        return [Identifier(each.type, each.authority, each.value) for each in (*stored, *added)]

    def identify(self, organisation_id: int, identifiers: Iterable[Identifier], patient_id: int) -> None:
        """Remember the identifiers that nobody has yet as this patient's."""
        for each in identifiers:
            key = (organisation_id, each.type, each.authority, each.value)
            if key not in self.identifiers:
                self.identifiers[key] = patient_id
                self.new_identifiers.append(
                    IdentifierRow(organisation_id, each.value, each.type, each.authority, patient_id)
                )

    def put_patient(self, row: PatientRow) -> None:
        self._mark(row.id, row.id not in self.patients)
        self.patients[row.id] = row

    # --- visits ------------------------------------------------------------------------------------------------

    def visit(self, key: VisitKey) -> VisitRow | None:
        return self.visits.get(key)

    def put_visit(self, row: VisitRow) -> None:
        key = (row.patient_id, row.place_id, row.number)
        self._mark(row.id, key not in self.visits)
        self.visits[key] = row

    # --- orders ------------------------------------------------------------------------------------------------

    def candidates(self, organisation_id: int, patient_id: int, order: Order) -> list[match.Candidate]:
        """The orders this one may be a repetition or a new version of."""
        found: set[int] = set()
        for role in _NUMBERS:
            number = getattr(order, role)
            if number:
                found |= self._by_number.get((organisation_id, role, number), set())
        if not found and not any(getattr(order, role) for role in _NUMBERS):
            found |= self._by_digest.get((patient_id, order.digest()), set())
        return [self._candidate(self.orders[each]) for each in sorted(found)]

    def past(self, order_id: int) -> Past:
        """What an order went through; read only for messages that are processed again."""
        return Past(tuple((row.message_id, facts_of(row.facts)) for row in orders.versions(self._tx, order_id)))

    def put_order(self, row: OrderRow, facts: Packed) -> None:
        self._mark(row.id, row.id not in self.orders)
        self._facts[row.id] = facts
        self._index(row)

    def _candidate(self, row: OrderRow) -> match.Candidate:
        return match.Candidate(
            order_id=row.id,
            patient_id=row.patient_id,
            status=row.status,
            digest=row.digest,
            placer_number=row.placer_number,
            filler_number=row.filler_number,
            prescription_number=row.prescription_number,
            drug_code=row.drug_code,
            drug_text=row.drug_text,
            facts=lambda: self._facts_of(row.id),
        )

    def _facts_of(self, order_id: int) -> Facts:
        """Needed where a message changes an order or says but a part of one, so read when asked for."""
        found = self._facts.get(order_id) or intake.current_facts(self._tx, order_id)
        return facts_of(found) if found else {}

    def _index(self, row: OrderRow) -> None:
        self.orders[row.id] = row
        for role in _NUMBERS:
            number = getattr(row, role)
            if number:
                self._by_number[row.organisation_id, role, number].add(row.id)
        self._by_digest[row.patient_id, row.digest].add(row.id)

    # --- reading and writing -----------------------------------------------------------------------------------

    def _load(self, readings: Sequence[Reading]) -> None:
        tx = self._tx
        wanted, numberless = _wanted(readings)
        found = intake.find(tx, wanted)
        nameless = [each.digest for each in readings if not each.control_id]
        for row in [*found.messages, *intake.known_bytes(tx, nameless)]:
            key = (row.connector_id, row.sender, row.control_id or row.digest.hex())
            self.known[key].append(Known(row.id, row.control_id, row.digest, row.state))
            self.answers[row.id] = (row.ack_code, row.answer)
        for each, patient in found.patients:
            self.identifiers[each.organisation_id, each.type, each.authority, each.value] = patient.id
            self.patients[patient.id] = patient
        for visit in found.visits:
            self.visits[visit.patient_id, visit.place_id, visit.number] = visit
        for order in [*found.orders, *intake.orders_by_digest(tx, numberless)]:
            self._index(order)

    def _mark(self, row_id: int, new: bool) -> None:
        if new:
            self._new.add(row_id)
        elif row_id not in self._new:
            self._changed.add(row_id)

    def write(self) -> None:
        """Write what is new and what changed, a statement per table."""
        tx = self._tx
        for rows, insert, update in self._kinds():
            new = [row for row in rows if row.id in self._new]
            changed = [row for row in rows if row.id in self._changed]
            if new:
                insert(tx, new)
            if changed:
                update(tx, changed)
        intake.insert_identifiers(tx, self.new_identifiers)
        intake.insert_messages(tx, self.messages)
        intake.insert_bodies(tx, self.bodies)
        intake.insert_message_numbers(tx, self.message_numbers)
        intake.update_messages(tx, self.changed_messages)
        for message_id, findings in self.changed_findings.items():
            intake.replace_findings(tx, message_id, findings)
        intake.insert_versions(tx, self.versions)
        intake.insert_events(tx, self.events)
        intake.insert_deliveries(tx, self.deliveries)

    def _kinds(
        self,
    ) -> Iterator[tuple[Iterable[PatientRow | VisitRow | OrderRow], Callable[..., None], Callable[..., None]]]:
        yield self.patients.values(), intake.insert_patients, intake.update_patients
        yield self.visits.values(), intake.insert_visits, intake.update_visits
        yield self.orders.values(), intake.insert_orders, intake.update_orders


def _wanted(readings: Sequence[Reading]) -> tuple[intake.Wanted, list[bytes]]:
    """What to look for, and the digests of orders that have no number to be looked for by."""
    wanted = intake.Wanted([each.control_id for each in readings])
    numberless: list[bytes] = []
    for reading in readings:
        assembled, routed = reading.assembled, reading.routed
        if assembled is None or routed is None:
            continue
        wanted.organisation_ids.add(routed.organisation_id)
        keys = [(routed.organisation_id, each[0], each[1], each[2]) for each in assembled.patient.identifiers]
        wanted.identifiers += keys
        if assembled.visit.stated:
            wanted.visits += [(*key, routed.place_id, assembled.visit.number) for key in keys]
        for order in assembled.orders:
            wanted.placer_numbers.append(order.placer_number)
            wanted.filler_numbers.append(order.filler_number)
            wanted.prescription_numbers.append(order.prescription_number)
            if not (order.placer_number or order.filler_number or order.prescription_number):
                numberless.append(order.digest())
    return wanted, numberless


def _sender_key(reading: Reading) -> SenderKey:
    """Control ids are a sender's own; without one, the same bytes are the same message."""
    return reading.source.connector_id, reading.sender, reading.control_id or reading.digest.hex()
