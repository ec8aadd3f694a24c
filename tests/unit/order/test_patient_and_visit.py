from __future__ import annotations

from officina.order import patient, visit
from officina.order.patient import CLEAR, Identifier, PatientFacts
from officina.order.visit import VisitFacts

CURRENT = {"family": "Okafor", "given": "Grace", "middle": "Ann", "sex": "F"}


def facts(**fields: str) -> PatientFacts:
    return PatientFacts((Identifier("PI", "", "1"),), fields)


def test_null_clears_empty_leaves_anything_else_replaces() -> None:
    assert patient.merge(CURRENT, facts(family="Adeyemi", middle=CLEAR, given="")) == {
        "family": "Adeyemi",
        "middle": "",
    }


def test_what_is_the_same_is_no_change() -> None:
    assert patient.merge(CURRENT, facts(family="Okafor", phone=CLEAR)) == {}


def test_identifiers_without_authority_take_the_senders() -> None:
    stated = PatientFacts((Identifier("PI", "", "1"), Identifier("SS", "USSSA", "2"), Identifier("PI", "rx", "1")), {})
    assert stated.of_authority("rx").identifiers == (Identifier("PI", "rx", "1"), Identifier("SS", "USSSA", "2"))


def test_a_visit_merges_texts_and_instants() -> None:
    current = {"room": "204", "bed": "B", "admitted_at": 5, "discharged_at": 9}
    stated = VisitFacts("V1", {"room": "12", "bed": CLEAR}, {"admitted_at": 5, "discharged_at": None})
    assert visit.merge(current, stated) == {"room": "12", "bed": "", "discharged_at": None}


def test_whether_a_visit_is_stated_at_all() -> None:
    assert not VisitFacts().stated
    assert not VisitFacts(fields={"bed": CLEAR}).stated
    assert VisitFacts("V1").stated
    assert VisitFacts(fields={"room": "1"}).stated
