"""Where the values of a message go."""

from __future__ import annotations

import pytest

from officina.web import meaning, segments
from officina.web.meaning import Meaning
from officina.wire import er7

BODY = {
    "route": {"facility": ["PV1-3.4", "MSH-4"]},
    "identifiers": {"from": ["PID-3", "PID-2"], "default_type": "PI"},
    "patient": {"family": {"from": "PID-5.1", "as": "trim"}, "phone": ["PID-13", "PID-14"]},
    "visit": {"attending": {"from": "PV1-7", "as": "person"}},
    "order": {
        "filler_number": "ORC-3",
        "prescription_number": ["RXE-15", "ORC-3"],
        "drug_code": ["RXE-2[1].1", "RXO-1.1"],
        "drug_system": ["RXE-2.3", "RXO-1.3"],
        "dose": {"from": ["RXE-3", "RXO-2"], "as": "number"},
        "dose_units": {"from": ["RXE-5", "RXO-4"], "as": "words"},
        "notes": "NTE-3",
    },
    "component": {"code": "RXC-2.1"},
}
HEAD = "MSH|^~\\&|PHARMCO|MAIN|||20260304||RDE^O11|1|P|2.5\r"


def meanings(text: str) -> dict[str, Meaning]:
    return meaning.of_message(BODY, segments.of_message(er7.parse((HEAD + text).encode())))


def test_only_the_first_place_that_is_not_empty_is_used() -> None:
    told = meanings("PID|1|22|7^^^A~8^^^B||Still|||||||||555\rPV1|1||N^1^A^OAK||||9^House^Greg\r")
    assert told == {
        "PV1-3.4": Meaning("facility", ""),
        "MSH-4": Meaning("", "facility"),
        "PID-3[1]": Meaning("identifier", ""),
        "PID-3[2]": Meaning("identifier", ""),
        "PID-2": Meaning("", "identifier"),
        "PID-5": Meaning("family", ""),
        "PID-14": Meaning("phone", ""),
        "PV1-7": Meaning("attending", ""),
    }
    assert meanings("PV1|1|I\r")["MSH-4"] == Meaning("facility", "")


def test_each_order_is_read_by_itself() -> None:
    told = meanings("ORC|NW||F1\rRXE|||1||||||||||||R1\rORC|NW||F2\rRXE|||2\r")
    assert told["ORC[1]-3"] == Meaning("filler number", "prescription number")
    assert told["ORC[2]-3"] == Meaning("filler number, prescription number", "")
    assert told["RXE[1]-15"] == Meaning("prescription number", "")
    assert (told["RXE[1]-3"], told["RXE[2]-3"]) == (Meaning("dose", ""), Meaning("dose", ""))


def test_what_belongs_together_is_taken_from_one_segment() -> None:
    told = meanings("ORC|NW\rRXO|AAA^^NDC|5||MG\rRXE||BBB\rNTE|1||one\rNTE|2||two\rRXC|B|C1\rRXC|A|C2\r")
    assert told["RXO-1.1"] == Meaning("", "drug code")
    assert told["RXO-1.3"] == Meaning("", "drug system")
    assert told["RXE-2"] == Meaning("drug code", "")
    assert told["RXO-2"] == Meaning("dose", "")
    assert told["RXO-4"] == Meaning("dose units", "")
    assert {told[path] for path in ("NTE[1]-3", "NTE[2]-3")} == {Meaning("notes", "")}
    assert {told[path] for path in ("RXC[1]-2", "RXC[2]-2")} == {Meaning("code", "")}


@pytest.mark.parametrize("text", ["ZZZ|1\r", "PID|1\r"])
def test_what_the_profile_takes_no_notice_of_is_read_as_nothing(text: str) -> None:
    assert set(meanings(text)) == {"MSH-4"}
