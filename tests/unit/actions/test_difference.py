"""What differs between two readings of one message, fact by fact, and of what kind it is."""

from __future__ import annotations

from datetime import UTC

from tests.support.profiles import body
from tests.support.samples import rde_o11

from officina.actions.receive import Source, Stated, read, stated
from officina.actions.receive.difference import Change, Kind, difference, gains_an_effect
from officina.message.profile import load
from officina.message.route import Routed

OAKS, ELMS = Routed(2, 1, UTC), Routed(3, 1, UTC)
SECOND = b"ORC|DC|PL-2|RX-2\rRXE|1|9^Warfarin^NDC|1||MG|TAB\r"


def as_read(raw: bytes, profile: str = 'extends = "hl7"', **routes: Routed) -> Stated:
    return stated(read(raw, Source(1, "pharmacy", load("own", profile, body), routes or {"OAKS": OAKS}), at=1))


def test_a_fact_that_is_read_elsewhere_is_shown_old_and_new() -> None:
    raw = rde_o11()
    found = difference(as_read(raw), as_read(raw, 'extends = "hl7"\n[order]\ndirections = "RXE-2.2"'))
    old, new = "Take one tablet & a glass of water twice daily", "Atorvastatin 20 MG Tab"
    assert found.changes == (Change("order[1].directions", old, new),)
    assert found.kinds == (Kind("order", "directions"),)


def test_another_fate_is_one_difference_and_says_what_was_gained() -> None:
    raw = rde_o11(facility="NEW")
    found = difference(as_read(raw), as_read(raw, OAKS=OAKS, NEW=ELMS))
    assert found.kinds == (Kind("fate", "", "parked", "order"),)
    assert gains_an_effect(found)
    assert Change("reason", "facility_unknown", "") in found.changes
    assert Change("order[1].drug_code", "", "00071015523") in found.changes
    back = difference(as_read(raw, OAKS=OAKS, NEW=ELMS), as_read(raw))
    assert not gains_an_effect(back)


def test_a_refusal_shows_in_the_acknowledgement_with_its_place() -> None:
    raw = rde_o11()
    found = difference(as_read(raw), as_read(raw, 'extends = "hl7"\n[control]\nNW = "refuse"'))
    assert Change("answer", "CA", "CR") in found.changes
    assert Change("error", "", "103 ORC-1") in found.changes


def test_another_place_is_a_difference_in_routing() -> None:
    raw = rde_o11()
    found = difference(as_read(raw, OAKS=OAKS), as_read(raw, OAKS=ELMS))
    assert (found.changes, found.kinds) == ((Change("place", "2", "3"),), (Kind("facility"),))


def test_an_order_that_is_left_out_is_told_apart_from_one_that_changed() -> None:
    raw = rde_o11() + SECOND
    found = difference(as_read(raw), as_read(raw, 'extends = "hl7"\n[control]\nDC = "ignore"'))
    assert Kind("orders") in found.kinds
    assert Kind("order", "drug_text") not in found.kinds
    assert Change("order[2]", "Warfarin", "") in found.changes
    assert not any(each.name.startswith("order[1]") for each in found.changes)


def test_patient_and_visit_count_as_well() -> None:
    raw = rde_o11()
    changed = 'extends = "hl7"\n[patient]\nfamily = "PID-5.2"\n[visit]\nroom = "PV1-3.3"'
    found = difference(as_read(raw), as_read(raw, changed))
    assert found.kinds == (Kind("patient", "family"), Kind("visit", "room"))
