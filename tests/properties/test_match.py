"""What must hold for any stream of orders: two patients never meet in one, and repetitions change nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from officina.order.match import Candidate, Verdict, match
from officina.order.order import Order
from officina.workflow import order_status

CONTROLS = st.sampled_from(["NW", "XO", "RF", "DC", "CA", "HD", "RL", "RE", "OP", "NA"])
PATIENTS = st.integers(1, 3)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    stated = draw(st.sampled_from(["RXE", "RXE", "RXO", "RXD", ""]))
    drug = (
        draw(st.sampled_from([("", ""), ("1", "A"), ("2", "A"), ("", "A"), ("3", "B"), ("3", "")]))
        if stated
        else ("", "")
    )
    number = st.sampled_from(["", "", "1", "2"])
    return Order(
        draw(CONTROLS),
        stated=stated,
        placer_number=draw(number),
        filler_number=draw(number),
        prescription_number=draw(number),
        drug_code=drug[0],
        drug_text=drug[1],
        dose=draw(st.sampled_from(["", "1", "2"])),
        dispensed_code=drug[0] if stated == "RXD" else "",
        entered_at=draw(st.sampled_from(["", "2026-01-01"])),
    )


@dataclass
class Book:
    """The smallest book that keeps orders: what the store does, without a store."""

    orders: dict[int, Candidate] = field(default_factory=dict)
    patients_of: dict[int, set[int]] = field(default_factory=dict)

    def take(self, order: Order, patient_id: int) -> Verdict:
        verdict = match(order, patient_id, list(self.orders.values()), partial(order_status.after, order.control))
        if verdict.kind == "new":
            self._put(len(self.orders) + 1, patient_id, order_status.first(order.control), verdict)
        elif verdict.kind == "version":
            assert verdict.order_id is not None
            old = self.orders[verdict.order_id]
            status = order_status.after(order.control, old.status, verdict.digest != old.digest)
            asked = old.digest if status in order_status.ENDED else verdict.digest
            self._put(old.order_id, patient_id, status, verdict._replace(digest=asked))
        return verdict

    def _put(self, order_id: int, patient_id: int, status: str, verdict: Verdict) -> None:
        texts = {key: str(verdict.facts.get(key, "")) for key in NUMBERS_AND_DRUG}
        facts = verdict.order.facts
        self.orders[order_id] = Candidate(order_id, patient_id, status, verdict.digest, **texts, facts=facts)
        self.patients_of.setdefault(order_id, set()).add(patient_id)


NUMBERS_AND_DRUG = ("placer_number", "filler_number", "prescription_number", "drug_code", "drug_text")


@given(st.lists(st.tuples(orders(), PATIENTS), max_size=12))
def test_two_patients_never_meet_in_one_order(stream: list[tuple[Order, int]]) -> None:
    book = Book()
    for order, patient_id in stream:
        verdict = book.take(order, patient_id)
        assert verdict.order_id is None or book.orders[verdict.order_id].patient_id == patient_id
    assert all(len(patients) == 1 for patients in book.patients_of.values())


@given(st.lists(st.tuples(orders(), PATIENTS), min_size=1, max_size=12))
def test_the_same_order_once_more_changes_nothing(stream: list[tuple[Order, int]]) -> None:
    book = Book()
    for order, patient_id in stream:
        first = book.take(order, patient_id)
        before = dict(book.orders)
        again = book.take(replace(order, entered_at="2027-01-01"), patient_id)
        assert again.kind == "duplicate"
        assert first.order_id is None or again.order_id == first.order_id
        assert book.orders == before


@given(st.data())
def test_when_a_duplicate_arrives_does_not_matter(data: st.DataObject) -> None:
    asked = [
        (Order("NW", stated="RXE", placer_number=number, drug_text=drug, dose=dose), patient)
        for number, drug, dose, patient in data.draw(
            st.lists(
                st.tuples(st.sampled_from(["", "1", "2", "3"]), st.sampled_from("AB"), st.sampled_from("12"), PATIENTS),
                min_size=1,
                max_size=6,
                # a number that is used for two doses of one drug is a change, and then the order does matter
                unique_by=lambda each: (each[0], each[1], each[3]) if each[0] else each,
            )
        )
    ]
    repeated = asked + data.draw(st.lists(st.sampled_from(asked), max_size=6))
    contents = []
    for arrival in (asked, data.draw(st.permutations(repeated))):
        book = Book()
        for order, patient_id in arrival:
            book.take(order, patient_id)
        contents.append(sorted((each.patient_id, each.digest, each.status) for each in book.orders.values()))
    assert contents[0] == contents[1]
