"""A message has one PATIENT group (HL7 2.5.1 chapters 4.4, 4.13): RDE, OMP, RDS and ORM alike."""

from __future__ import annotations

import pytest
from tests.support.profiles import shipped

from officina.message.extract import Extract, extract
from officina.wire import er7

HL7 = shipped("hl7")
MSH = "MSH|^~\\&|A|B|||20260101||RDE^O11|7|P|2.5.1"
FIRST = ("PID|1||7P1^^^H^MR||Okafor^Grace||19390412", "PV1|1|I|N^1^A^FAC1", "ORC|NW|7O1", "RXE||^X")
ORDER = ("ORC|NW|7O2", "RXE||^Y")


def read(*segments: str, head: str = MSH) -> Extract:
    return extract(er7.parse("\r".join((head, *segments)).encode()), HL7)


def refusals(read: Extract) -> list[tuple[str, str, str]]:
    return [(each.path, each.code, each.ack_code) for each in read.findings if each.severity == "error"]


@pytest.mark.parametrize("kind", ["RDE^O11", "OMP^O09", "RDS^O13", "ORM^O01"])
def test_a_second_patient_refuses_the_message(kind: str) -> None:
    found = read(*FIRST, "PID|2||7P2^^^H^MR||Doe^Jo", *ORDER, head=MSH.replace("RDE^O11", kind))
    assert (found.disposition, found.reason, found.orders) == ("refuse", "several_patients", [])
    assert refusals(found) == [("PID[2]", "several_patients", "100")]  # table 0357: segment sequence error


@pytest.mark.parametrize(
    "other",
    [
        "PID|2||7P2",
        "PID|2|7P2",  # PID-2, where versions before 2.3.1 have the identifier
        "PID|2||7P1^^^H^MR||Doe^Jo",
        "PID|2||7P1^^^H^MR||Okafor^Grace||19500101",
        "PID|2||||Doe^Jo",
    ],
)
def test_an_identifier_a_name_or_a_birth_date_makes_another_patient(other: str) -> None:
    assert read(*FIRST, other, *ORDER).reason == "several_patients"


@pytest.mark.parametrize(
    "again", ["PID|1||7P1^^^H^MR||Okafor^Grace||19390412", "PID|2||7P1^^^H^MR", "PID|2", "PID|2||7P1^^^H^MR|||||F"]
)
def test_the_same_patient_before_each_order_is_taken(again: str) -> None:
    found = read(*FIRST, again, "PV1|2|I|N^1^A^FAC1", *ORDER)
    assert (found.disposition, len(found.orders)) == ("order", 2)


@pytest.mark.parametrize(
    ("other", "place"),
    [("PV1|2|I|N^1^A^FAC2", "PV1[2]"), ("PV1|2|I|S^4^B^FAC1", "PV1[2]")],
)
def test_a_second_location_refuses_the_message(other: str, place: str) -> None:
    assert refusals(read(*FIRST, other, *ORDER)) == [(place, "several_patients", "100")]


def test_the_third_of_a_name_is_counted() -> None:
    assert refusals(read(*FIRST, "PID|2||7P1^^^H^MR", *ORDER, "PID|3||7P3", *ORDER))[0][0] == "PID[3]"


def test_a_message_that_is_ignored_anyway_stays_so() -> None:
    assert read(*FIRST, "PID|2||7P2", head=MSH.replace("RDE^O11", "ADT^A08")).disposition == "ignore"
