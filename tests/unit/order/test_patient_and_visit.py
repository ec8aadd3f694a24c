from __future__ import annotations

from datetime import UTC

from officina.message.about import IdentifierText
from officina.message.extract import Extract
from officina.order import patient, visit
from officina.order.assemble import assemble
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
    stated = Extract("1", "RDE^O11", "2.5.1", "RX|OAK", "OAK", "", "order", "")
    stated.identifiers = [IdentifierText(*each) for each in (("PI", "", "1"), ("SS", "USSSA", "2"), ("PI", "rx", "1"))]
    found = assemble(stated, UTC, "rx").patient
    assert found.identifiers == (Identifier("PI", "rx", "1"), Identifier("SS", "USSSA", "2"))


def test_a_visit_merges_texts_and_instants() -> None:
    current = {"room": "204", "bed": "B", "admitted_at": 5, "discharged_at": 9}
    stated = VisitFacts("V1", {"room": "12", "bed": CLEAR}, {"admitted_at": 5, "discharged_at": None})
    assert visit.merge(current, stated) == {"room": "12", "bed": "", "discharged_at": None}


def test_whether_a_visit_is_stated_at_all() -> None:
    assert not VisitFacts().stated
    assert not VisitFacts(fields={"bed": CLEAR}).stated
    assert VisitFacts("V1").stated
    assert VisitFacts(fields={"room": "1"}).stated
