"""What people are told about a message; the place is named, the patient is not."""

from __future__ import annotations

import pytest
from tests.support.profiles import body, shipped

from officina.message import validate
from officina.message.extract import Extract, extract
from officina.message.profile import Profile, load
from officina.wire import er7

HL7 = shipped("hl7")
SECRETS = ("Okafor", "Grace", "1939", "19391399", "4711", "Elm Row", "555-0101")


def read(*segments: str) -> Extract:
    return extract(er7.parse("\r".join(segments).encode()), HL7)


def test_no_finding_quotes_the_patient() -> None:
    read_with_faults = read(
        "MSH|^~\\&|A|B|||20260101||RDE^O11||P|2.5",
        "PID|||4711||Okafor^Grace||19391399|F|||12 Elm Row||555-0101",
        "ORC|NW|||||||||Grace",
        "RXE||||Okafor||||||555-0101",
        "ORC|SC|1",
        "RXE||^X",
        "TQ1|1||||||Okafor|Grace",
    )
    assert {each.code for each in read_with_faults.findings} == {
        "no_control_id",
        "no_drug",
        "no_order_number",
        "unreadable_value",
        "control_ignored",
    }
    for finding in read_with_faults.findings:
        assert not any(secret in finding.text or secret in finding.path for secret in SECRETS)


def test_findings_of_the_second_order_name_it() -> None:
    findings = read(
        "MSH|^~\\&|A|B|||20260101||RDE^O11|7|P|2.5",
        "PID|||4711||Okafor",
        "ORC|NW|1",
        "RXE||^X",
        "ORC|NW|2||||||tomorrow",
        "RXE||^Y||||||||many",
    ).findings
    assert [(each.path, each.code) for each in findings] == [("ORC[2]/RXE-10", "unreadable_value")]


def test_second_order_orc_paths() -> None:
    findings = read(
        "MSH|^~\\&|A|B|||20260101||RDE^O11|7|P|2.5",
        "PID|||4711||Okafor",
        "ORC|NW|1",
        "RXE||^X",
        "ORC|NW|2|||||||tomorrow",
        "RXE||",
    ).findings
    assert [(each.path, each.code) for each in findings] == [
        ("ORC[2]/RXE-2", "no_drug"),
        ("ORC[2]-9", "unreadable_value"),
    ]


def test_a_code_that_is_none_is_not_quoted() -> None:
    assert "OKAFOR" not in validate.control_refused("ORC", "OKAFOR GRACE", known=False).text
    assert "Okafor" not in validate.type_refused("Okafor, Grace^X").text
    assert "ZZ" in validate.control_refused("ORC", "ZZ", known=False).text
    assert "ORU^R01" in validate.type_refused("ORU^R01").text


def processed(processing_id: str, profile: Profile = HL7) -> Extract:
    segments = (f"MSH|^~\\&|A|B|||20260101||RDE^O11|7|{processing_id}|2.5.1", "PID|||1||Doe", "ORC|NW|1", "RXE||^X")
    return extract(er7.parse("\r".join(segments).encode()), profile)


@pytest.mark.parametrize("processing_id", ["T", "D", "t", "T^T", "X", "not a code but a text"])
def test_an_order_that_is_not_for_real_is_refused(processing_id: str) -> None:
    read = processed(processing_id)
    (found,) = read.findings
    assert (read.disposition, read.reason) == ("refuse", "processing_refused")
    assert (found.path, found.ack_code) == ("MSH-11", "202")  # table 0357: unsupported processing id
    assert "text" not in found.text


@pytest.mark.parametrize("processing_id", ["P", "p", "P^T", "", '""'])
def test_production_is_taken_and_nothing_said_means_it(processing_id: str) -> None:
    assert processed(processing_id).disposition == "order"


def test_a_profile_may_take_training() -> None:
    trained = load("school", 'extends = "hl7"\nprocessing = ["P", "T"]', body)
    assert [processed(each, trained).disposition for each in "PTD"] == ["order", "order", "refuse"]


def test_every_error_has_an_acknowledgement_code() -> None:
    errors = [
        validate.type_refused(""),
        validate.no_pharmacy_order(),
        validate.control_refused("ORC", "", known=False),
        validate.control_refused("ORC", "ZZ", known=False),
        validate.control_refused("ORC", "NW", known=True),
        *validate.patient([], {}),
    ]
    assert [(each.path, each.ack_code) for each in errors] == [
        ("MSH-9", "200"),
        ("", "207"),
        ("ORC-1", "101"),
        ("ORC-1", "103"),
        ("ORC-1", "103"),
        ("PID-3", "101"),
    ]
    assert all(each.severity == "error" for each in errors)
