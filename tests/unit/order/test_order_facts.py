from __future__ import annotations

import json
from dataclasses import replace

from officina.order.order import Order, carried, digest
from officina.order.timing import Timing

ORDER = Order(
    "NW",
    stated="RXE",
    placer_number="P1",
    drug_code="1",
    drug_text="Atorvastatin",
    dose="1",
    timings=(Timing(code="BID", times=("08:00", "20:00"), start="20260101"),),
    start_at="2026-01-01",
    starts_at=5,
    entered_at="2026-01-01T08:00:00+00:00",
    notes=("one",),
    components=({"text": "base"},),
)


def test_facts_are_what_is_said_and_survive_json() -> None:
    assert ORDER.facts() == {
        "control": "NW",
        "placer_number": "P1",
        "drug_code": "1",
        "drug_text": "Atorvastatin",
        "dose": "1",
        "start_at": "2026-01-01",
        "entered_at": "2026-01-01T08:00:00+00:00",
        "timings": [{"code": "BID", "times": ["08:00", "20:00"]}],
        "notes": ["one"],
        "components": [{"text": "base"}],
    }
    assert digest(json.loads(json.dumps(ORDER.facts()))) == ORDER.digest()


def test_an_order_of_its_values_equals_one_of_its_fields() -> None:
    values = {"placer_number": "P1", "notes": ("one",)}
    assert Order.of("NW", "RXE", values) == Order("NW", stated="RXE", placer_number="P1", notes=("one",))
    assert hash(Order.of("NW", "RXE", values)) == hash(Order("NW", stated="RXE", placer_number="P1", notes=("one",)))


def test_the_digest_ignores_what_differs_between_messages() -> None:
    other = replace(ORDER, control="XO", entered_at="", order_status="CM", effective_at="2026")
    assert other.digest() == ORDER.digest()
    assert len(ORDER.digest()) == 16


def test_the_digest_sees_everything_else() -> None:
    others = [
        replace(ORDER, dose="2"),
        replace(ORDER, notes=("two",)),
        replace(ORDER, timings=()),
        replace(ORDER, drug_code="", drug_text="1"),
        replace(ORDER, start_at="2026-01-02"),
        replace(ORDER, components=()),
    ]
    assert len({each.digest() for each in [*others, ORDER]}) == len(others) + 1


def test_the_digests_of_a_book_stay_what_they_are() -> None:
    assert ORDER.digest().hex() == "8657f886bf34789689329b4dd5ca9fda"


def test_the_digest_leaves_out_what_was_handed_out() -> None:
    assert replace(ORDER, dispensed_code="9", dispensed_at="2026-01-02").digest() == ORDER.digest()


def test_only_a_stated_drug_makes_an_order_complete() -> None:
    assert ORDER.complete
    assert not replace(ORDER, stated="RXD").complete
    assert not replace(ORDER, stated="", drug_text="", drug_code="").complete


def test_a_discontinuation_without_drug_keeps_what_was_known() -> None:
    stop = Order("DC", placer_number="P1", stop_at="2026-02-01")
    facts = carried(stop, ORDER.facts())
    assert facts == {**ORDER.facts(), "control": "DC", "stop_at": "2026-02-01"}


def test_a_dispense_adds_itself_and_changes_nothing_asked_for() -> None:
    dispense = Order(
        "RE", stated="RXD", filler_number="F1", drug_code="9", drug_text="Other pack", dispensed_code="9", dose="7"
    )
    facts = carried(dispense, ORDER.facts())
    assert (facts["drug_code"], facts["dose"], facts["dispensed_code"], facts["filler_number"]) == ("1", "1", "9", "F1")
