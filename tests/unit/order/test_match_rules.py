from __future__ import annotations

from dataclasses import replace
from functools import partial

from officina.order.match import Candidate, Verdict, match
from officina.order.order import Order
from officina.workflow import order_status

ORDER = Order("NW", stated="RXE", placer_number="P1", drug_code="1", drug_text="Atorvastatin 10 MG", dose="1")
MARIA, GRACE = 11, 12


def candidate(order: Order, order_id: int = 5, patient_id: int = GRACE, status: str = "active") -> Candidate:
    return Candidate(
        order_id,
        patient_id,
        status,
        order.digest(),
        order.placer_number,
        order.filler_number,
        order.prescription_number,
        order.drug_code,
        order.drug_text,
        order.facts,
    )


def verdict(order: Order, *candidates: Candidate, patient_id: int | None = GRACE) -> Verdict:
    return match(order, patient_id, candidates, partial(order_status.after, order.control))


def brief(found: Verdict) -> tuple[str, int | None, tuple[str, ...]]:
    return found.kind, found.order_id, found.findings


def test_an_order_nobody_knows_is_new() -> None:
    found = verdict(ORDER)
    assert brief(found) == ("new", None, ())
    assert (found.facts, found.digest) == (ORDER.facts(), ORDER.digest())


def test_the_same_facts_are_a_duplicate_whatever_the_message() -> None:
    again = replace(ORDER, control="XO", entered_at="2026-03-01T00:00:00+00:00")
    assert brief(verdict(again, candidate(ORDER))) == ("duplicate", 5, ())


def test_other_facts_are_a_new_version() -> None:
    found = verdict(replace(ORDER, control="XO", dose="2"), candidate(ORDER))
    assert brief(found) == ("version", 5, ())
    assert found.facts["dose"] == "2"


def test_any_of_the_three_numbers_is_enough() -> None:
    known = replace(ORDER, filler_number="F1", prescription_number="RX1")
    for number in ("placer_number", "filler_number", "prescription_number"):
        order = replace(replace(ORDER, placer_number="", dose="2"), **{number: getattr(known, number)})
        assert brief(verdict(order, candidate(known))) == ("version", 5, ())


def test_a_number_of_another_kind_is_no_match() -> None:
    order = replace(ORDER, placer_number="", filler_number="P1")
    assert brief(verdict(order, candidate(ORDER))) == ("new", None, ())


def test_the_number_of_another_patient_never_joins_the_two() -> None:
    assert brief(verdict(ORDER, candidate(ORDER, patient_id=MARIA))) == ("new", None, ("number_of_other_patient",))
    assert brief(verdict(ORDER, candidate(ORDER), patient_id=None)) == ("new", None, ("number_of_other_patient",))


def test_among_the_orders_of_two_patients_the_own_one_counts() -> None:
    found = verdict(ORDER, candidate(ORDER, 6, MARIA), candidate(ORDER, 5))
    assert brief(found) == ("duplicate", 5, ("number_of_two_patients",))


def test_a_number_used_again_for_another_drug_is_another_order() -> None:
    other = replace(ORDER, drug_code="2", drug_text="Furosemide 20 MG")
    assert brief(verdict(other, candidate(ORDER))) == ("new", None, ("number_reused",))
    assert brief(verdict(other, candidate(ORDER), candidate(other, 6))) == ("duplicate", 6, ())


def test_an_order_without_a_drug_is_not_another_drugs() -> None:
    ended = candidate(Order("DC", placer_number="P1"), status="discontinued")
    assert brief(verdict(ORDER, ended)) == ("version", 5, ())


def test_a_replacement_under_the_number_of_what_it_replaces_is_an_order_of_its_own() -> None:
    other = replace(ORDER, control="RO", drug_code="2", drug_text="Furosemide 20 MG")
    assert brief(verdict(other, candidate(ORDER, status="discontinued"))) == ("new", None, ("number_reused",))


def test_a_change_may_change_the_drug() -> None:
    other = replace(ORDER, control="XO", drug_code="2", drug_text="Furosemide 20 MG")
    assert brief(verdict(other, candidate(ORDER))) == ("version", 5, ())


def test_another_package_of_the_drug_is_the_same_drug() -> None:
    other = replace(ORDER, drug_code="2", drug_text="ATORVASTATIN  10 mg")
    assert brief(verdict(other, candidate(ORDER))) == ("version", 5, ())


def test_without_any_number_equal_facts_are_the_same_order() -> None:
    bare = replace(ORDER, placer_number="")
    assert brief(verdict(bare, candidate(bare))) == ("duplicate", 5, ())
    assert brief(verdict(replace(bare, dose="2"), candidate(bare))) == ("new", None, ())
    assert brief(verdict(bare, candidate(bare, patient_id=MARIA))) == ("new", None, ())


def test_a_discontinuation_with_the_same_facts_is_no_duplicate() -> None:
    stop = replace(ORDER, control="DC")
    assert brief(verdict(stop, candidate(ORDER))) == ("version", 5, ())
    assert brief(verdict(stop, candidate(ORDER, status="discontinued"))) == ("duplicate", 5, ())


def test_a_discontinuation_without_drug_carries_the_facts_on() -> None:
    found = verdict(Order("DC", placer_number="P1"), candidate(ORDER))
    assert brief(found) == ("version", 5, ())
    assert found.facts == {**ORDER.facts(), "control": "DC"}
    assert found.digest == ORDER.digest()


def test_a_late_repetition_wakes_no_stopped_order() -> None:
    assert brief(verdict(ORDER, candidate(ORDER, status="discontinued"))) == ("duplicate", 5, ())


def test_a_dispense_belongs_to_the_order_it_names() -> None:
    dispense = Order("RE", stated="RXD", placer_number="P1", drug_code="9", drug_text="Pack", dispensed_code="9")
    found = verdict(dispense, candidate(ORDER))
    assert brief(found) == ("version", 5, ())
    assert (found.facts["drug_code"], found.facts["dispensed_code"]) == ("1", "9")


# --- what was handed out is a fact of the order and no part of what is asked for ---

DISPENSE = Order(
    "RE",
    stated="RXD",
    placer_number="P1",
    filler_number="F1",
    drug_code="9",
    drug_text="Pack",
    form="TAB",
    dispensed_code="9",
    dispensed_quantity="30",
    dispensed_units="TAB",
)


def taken(order: Order, into: Candidate) -> Candidate:
    """The order of the book after a message about it."""
    found = verdict(order, into)
    assert found.kind == "version"
    status = order_status.after(order.control, into.status, found.digest != into.digest)
    numbers = (found.order.placer_number, found.order.filler_number, found.order.prescription_number)
    return Candidate(5, GRACE, status, found.digest, *numbers, "1", "Atorvastatin 10 MG", found.order.facts)


def test_a_dispense_changes_nothing_of_what_is_asked_for() -> None:
    after = taken(DISPENSE, candidate(ORDER))
    assert (after.status, after.digest) == ("active", ORDER.digest())
    assert brief(verdict(ORDER, after)) == ("duplicate", 5, ())


def test_a_change_keeps_what_was_handed_out_and_the_numbers_it_does_not_repeat() -> None:
    found = verdict(replace(ORDER, control="XO", dose="2"), taken(DISPENSE, candidate(ORDER)))
    assert found.kind == "version"
    assert (found.facts["dose"], found.facts["dispensed_quantity"], found.facts["filler_number"]) == ("2", "30", "F1")
    assert "form" not in found.facts, "what the dispense filled in is not what the change asks for"


def test_the_next_dispense_is_not_mixed_with_the_one_before() -> None:
    second = replace(DISPENSE, dispensed_quantity="60", dispensed_units="")
    found = verdict(second, taken(DISPENSE, candidate(ORDER)))
    assert found.kind == "version"
    assert (found.facts["dispensed_quantity"], "dispensed_units" in found.facts) == ("60", False)
    assert brief(verdict(DISPENSE, taken(DISPENSE, candidate(ORDER)))) == ("duplicate", 5, ())


def test_a_dispense_that_repeats_the_order_does_not_restate_it() -> None:
    """RDS^O13 has RXE beside RXD: the order as the pharmacy encoded it, with RE."""
    encoded = replace(DISPENSE, stated="RXE", drug_code="1", drug_text="ATORVASTATIN 10 MG", dose="10")
    found = verdict(encoded, candidate(ORDER))
    assert (found.kind, found.digest) == ("version", ORDER.digest())
    assert (found.facts["dose"], found.facts["dispensed_code"]) == ("1", "9")


def test_a_late_repetition_wakes_no_order_whose_end_said_more() -> None:
    ended = candidate(ORDER, status="discontinued")._replace(
        facts=replace(ORDER, control="DC", stop_at="2026-02-01").facts
    )
    assert brief(verdict(ORDER, ended)) == ("duplicate", 5, ())
    assert brief(verdict(replace(ORDER, stop_at="2026-02-01"), ended)) == ("duplicate", 5, ())


def test_a_number_assigned_later_makes_no_change_of_the_order() -> None:
    numbered = taken(Order("NA", placer_number="P1", filler_number="F1"), candidate(ORDER))
    assert numbered.filler_number == "F1"
    assert brief(verdict(ORDER, numbered)) == ("duplicate", 5, ())


# --- whose number it is: EI.1 is unique only within EI.2 to EI.4 (HL7 2.5.1, 2.A.28) ---


def numbered(placer: str = "", filler: str = "", control: str = "NW") -> Order:
    """Numbers as ``value^namespace``."""
    (placed, _, placer_of), (filled, _, filler_of) = placer.partition("^"), filler.partition("^")
    return replace(
        ORDER,
        control=control,
        placer_number=placed,
        placer_namespace=placer_of,
        filler_number=filled,
        filler_namespace=filler_of,
    )


def test_equal_numbers_of_two_namespaces_are_two_orders() -> None:
    known = candidate(numbered("77^PHARMA", "88^FILL"))
    assert brief(verdict(numbered("77^PHARMB", "99^FILL"), known)) == ("new", None, ())
    assert brief(verdict(numbered("77^PHARMB", "99^FILL", "DC"), known)) == ("new", None, ())
    assert verdict(numbered("77^pharma", "88^FILL", "DC"), known).order_id == 5


def test_a_namespace_that_one_side_leaves_out_parts_nobody() -> None:
    assert verdict(numbered("77"), candidate(numbered("77^PHARMA"))).order_id == 5
    assert verdict(numbered("77^PHARMA"), candidate(numbered("77"))).order_id == 5


def test_among_equal_numbers_that_of_the_own_namespace_counts() -> None:
    candidates = (candidate(numbered("77^PHARMA"), 5), candidate(numbered("77^PHARMB"), 6))
    assert verdict(numbered("77^PHARMA", control="DC"), *candidates).order_id == 5


def test_a_number_that_two_orders_of_the_patient_have_is_not_settled_silently() -> None:
    both = (candidate(numbered("77", "88"), 5), candidate(numbered("77", "99"), 6))
    assert brief(verdict(Order("DC", placer_number="77"), *both)) == ("version", 6, ("order_ambiguous",))
    assert brief(verdict(Order("DC", placer_number="77", filler_number="88"), *both)) == ("version", 5, ())


def test_a_new_order_with_another_filler_number_is_another_order() -> None:
    assert brief(verdict(numbered("77", "99"), candidate(numbered("77", "88")))) == ("new", None, ("number_reused",))
    assert verdict(numbered("77", "99", "XO"), candidate(numbered("77", "88"))).order_id == 5


def test_one_placers_number_says_more_than_the_fillers() -> None:
    assert verdict(numbered("77^A", "99"), candidate(numbered("77^A", "88"))).order_id == 5
    renewed = replace(numbered("77", "99"), prescription_number="RX1")
    assert verdict(renewed, candidate(replace(numbered("77", "88"), prescription_number="RX1"))).order_id == 5


def test_a_namespace_is_kept_with_its_number_and_asks_for_nothing() -> None:
    known = numbered("77^PHARMA", "88^FILL")
    assert known.digest() == numbered("77", "88").digest()
    facts = verdict(replace(numbered("77", control="XO"), dose="2"), candidate(known)).facts
    assert (facts["placer_namespace"], facts["filler_number"], facts["filler_namespace"]) == ("PHARMA", "88", "FILL")
    facts = verdict(replace(numbered("77", "99", "XO"), dose="2"), candidate(known)).facts
    assert (facts["filler_number"], "filler_namespace" in facts) == ("99", False)
