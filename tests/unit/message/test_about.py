from __future__ import annotations

from tests.support.profiles import body, shipped
from tests.support.samples import rde_o11

from officina.message import about
from officina.message.extract import Extract, extract
from officina.message.profile import Profile, load
from officina.wire import er7

HL7 = shipped("hl7")


def read(raw: bytes, profile: Profile = HL7) -> Extract:
    return extract(er7.parse(raw), profile)


def test_what_was_read_before_is_the_readers_own() -> None:
    first = read(rde_o11())
    kept = (dict(first.patient), list(first.identifiers), dict(first.visit))
    first.patient["family"] = "Nobody"
    first.identifiers.clear()
    first.visit.clear()
    again = read(rde_o11(control_id="MSG00002"))
    assert (again.patient, again.identifiers, again.visit) == kept


def test_a_profile_never_sees_what_another_one_read() -> None:
    swapped = load("swapped", 'extends = "hl7"\n[patient]\nfamily = "PID-5.2"\n', body)
    assert read(rde_o11()).patient["family"] == "Marlowe"
    assert read(rde_o11(), swapped).patient["family"] == "Edith"
    assert read(rde_o11()).patient["family"] == "Marlowe"


def test_the_same_line_means_something_else_under_other_delimiters() -> None:
    usual = read(rde_o11()).patient["family"]
    other = rde_o11().replace(b"MSH|^~\\&|", b"MSH|*~\\&|")
    assert (usual, read(other).patient["family"]) == ("Marlowe", "Marlowe^Edith^J")


def test_a_value_that_cannot_be_read_is_found_every_time() -> None:
    for number in ("1", "2"):
        found = read(rde_o11(control_id=number, **{"PID-7": "yesterday"})).findings
        assert [each.path for each in found if each.code == "unreadable_value"] == ["PID-7"]


def test_memory_is_bounded() -> None:
    profile = shipped("hl7")
    for number in range(about._MOST + 2):
        read(rde_o11(patient_id=str(number)), profile)
    assert 0 < len(profile.about._known) <= about._MOST
    before = len(profile.about._known)
    read(rde_o11(**{"PID-11": "x" * about._LONGEST}), profile)
    assert len(profile.about._known) == before
