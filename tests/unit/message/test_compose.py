"""Messages as partners are told: the contract's own example, and the standard's rules for what is not known."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.support.composing import composed
from tests.support.profiles import body, shipped

from officina.errors import Invalid
from officina.message.profile import Profile, load
from officina.wire import er7

HL7 = shipped("hl7")
AT = datetime(2026, 7, 14, 8, 30, tzinfo=ZoneInfo("America/Chicago"))
EDITH = {"family": "Marlowe", "given": "Edith", "born_on": "1938-04-12", "sex": "F"}
NUMBERS = [
    {"type": "PI", "authority": "SUNRISE", "value": "100234"},
    {"type": "MR", "authority": "", "value": "XXXXXX"},
]
ORDER = {
    "control": "NW",
    "status": "active",
    "placer_number": "PL-77812",
    "drug_code": "00071015523",
    "drug_text": "Atorvastatin 20 MG Tab",
    "drug_system": "NDC",
    "dose": "20",
    "dose_units": "MG",
}


def dialect(text: str) -> Profile:
    return load("own", 'extends = "hl7"\n' + text, body)


def order(**facts: object) -> er7.Message:
    return er7.parse(composed(HL7, "order.created", AT, patient=EDITH, identifiers=NUMBERS, order={**ORDER, **facts}))


def names(message: er7.Message) -> list[str]:
    return [name for name, _ in message.lines()]


def test_the_tracking_contracts_example() -> None:
    """001: the OMG^O19 that tells of a status; its MSH stands in two lines there, its ORC-5 tells of an activity."""
    told = composed(
        shipped("tracking-status"),
        "order.changed",
        datetime(2021, 9, 14, 10, 33, 17, tzinfo=ZoneInfo("Europe/London")),
        control_id="529743",
        connector="BedView",
        place={"code": "MAIN", "name": "Main Dispensary", "partner_code": "MAIN"},
        organisation={"code": "T", "name": "Test Hospitals University NHS Trust", "partner_code": "T"},
        patient={"family": "TEST", "given": "TEST"},
        identifiers=NUMBERS,
        order={"status": "cancelled"},
    )
    assert told.decode() == (
        "MSH|^~\\&|Prescription Tracking System|Main Dispensary|BedView|Test Hospitals University NHS Trust|"
        "20210914103317||OMG^O19|529743|P|2.7\r"
        "PID||XXXXXX|||TEST^TEST\r"
        "ORC|529743||||Status Cancelled||||14/09/2021 10:33:17||||^^^^^^^^Main Dispensary||||"
        "^Test Hospitals University NHS Trust\r"
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [("active", "Status Pending"), ("on_hold", "Status Suspended"), ("discontinued", "Status Cancelled")],
)
def test_statuses_are_said_in_the_contracts_words(status: str, said: str) -> None:
    told = composed(shipped("tracking-status"), "order.changed", AT, order={"status": status})
    assert er7.parse(told).get("ORC-5") == said


def test_an_order_in_the_standards_layout() -> None:
    message = order(notes=["Crush if needed"], route="Oral", start_at="2026-07-15T08:00:00-05:00")
    assert names(message) == ["MSH", "PID", "PV1", "ORC", "RXE", "NTE", "TQ1", "RXR"]
    assert message.get("MSH-9") == "RDE"
    assert message.get("MSH-9.3") == "RDE_O11"
    assert message.get("MSH-7") == "20260714083000-0500"
    assert [message.get(path) for path in ("PID-3[1].1", "PID-3[1].4", "PID-3[1].5")] == ["100234", "SUNRISE", "PI"]
    assert [message.get(path) for path in ("PID-3[2].1", "PID-3[2].4", "PID-3[2].5")] == ["XXXXXX", "", "MR"]
    assert [message.get(path) for path in ("PID-5.1", "PID-5.2", "PID-7")] == ["Marlowe", "Edith", "19380412"]
    assert [message.get(path) for path in ("ORC-1", "ORC-2", "ORC-5")] == ["NW", "PL-77812", "IP"]
    assert [message.get(path) for path in ("RXE-2.1", "RXE-2.2", "RXE-2.3")] == [
        "00071015523",
        "Atorvastatin 20 MG Tab",
        "NDC",
    ]
    assert message.get("TQ1-7") == "20260715080000-0500"
    assert message.get("RXR-1.2") == "Oral"


def test_what_the_book_does_not_know_is_left_out() -> None:
    message = order()
    assert names(message) == ["MSH", "PID", "PV1", "ORC", "RXE"]
    assert "NTE" not in names(order(notes=[]))


@pytest.mark.parametrize(
    ("timing", "fields"),
    [
        ({"code": "BID", "times": ["08:00", "20:00"]}, "TQ1|1||BID|0800~2000"),
        ({"code": "W", "weekdays": ["mon", "wed", "fri"], "every_weeks": 1}, "TQ1|1||QJ135"),
        ({"code": "M", "month_days": [15, 21]}, "TQ1|1||QL15,21"),
        ({"code": "D", "every_days": 3}, "TQ1|1||Q3D"),
        ({"code": "BID QJ135", "weekdays": ["mon", "wed", "fri"], "every_weeks": 1}, "TQ1|1||BID~QJ135"),
        ({"code": "every 24 hours"}, "TQ1|1||every 24 hours"),
        ({"code": "Q4H", "prn": True, "text": "for pain"}, "TQ1|1||Q4H||||||PRN||for pain"),
        ({"code": "PRN", "prn": True}, "TQ1|1||PRN"),
        ({"dose": "1", "dose_units": "TAB", "duration": "10 days", "priority": "S"}, "TQ1|1|1^TAB||||10^days|||S"),
    ],
)
def test_timings_as_tables_0335_and_0485_have_them(timing: dict[str, object], fields: str) -> None:
    text = {name: line for name, line in order(timings=[timing]).lines()}["TQ1"]
    assert text.rstrip("|") == fields


def test_each_timing_note_and_component_is_a_segment() -> None:
    message = order(
        timings=[{"code": "QAM"}, {"code": "QHS"}],
        notes=["one", "two | three"],
        components=[{"type": "B", "text": "Water"}, {"type": "A", "code": "7", "amount": "5", "units": "ML"}],
    )
    lines = [line for _, line in message.lines()]
    assert lines[-6:] == [
        "NTE|1||one",
        "NTE|2||two \\F\\ three",
        "TQ1|1||QAM",
        "TQ1|2||QHS",
        "RXC|B|^Water",
        "RXC|A|7|5|ML",
    ]


def test_the_character_set_is_said_where_it_is_needed() -> None:
    assert order().get("MSH-18") == ""
    told = composed(HL7, "order.created", AT, patient={**EDITH, "family": "Núñez"}, order=ORDER)
    assert er7.parse(told).get("MSH-18") == "UNICODE UTF-8"
    assert "Núñez".encode() in told


def test_what_the_character_set_lacks_is_refused_by_its_field() -> None:
    latin = dialect('[send]\ncharacter_set = "8859/1"')
    with pytest.raises(Invalid) as refused:
        composed(latin, "order.created", AT, patient={**EDITH, "family": "Wałęsa"}, order=ORDER)
    assert refused.value.place == "PID-5"
    assert "Wałęsa" not in str(refused.value)


def test_a_receiver_that_wants_the_clock_of_the_place() -> None:
    local = dialect('[send]\ntimes = "local"')
    message = er7.parse(
        composed(local, "order.created", AT, order={**ORDER, "entered_at": "2026-07-14T08:25:00-05:00"})
    )
    assert [message.get("MSH-7"), message.get("ORC-9")] == ["20260714083000", "20260714082500"]


def test_a_dialect_says_a_field_in_its_own_way() -> None:
    own = dialect(
        """
[send.fields]
"MSH-6" = "place.partner_code"
"RXE-2.1" = { from = "order.drug_code", as = { strip = "0" } }
"RXE-2.3" = { from = "order.drug_system", as = { map = "systems" } }
"ORC-12.1" = { from = "order.prescriber_id", else = "UNKNOWN" }
"PID-7" = { from = "patient.born_on", as = "day_first" }
"PV1-2" = { value = "I" }
"RXE-27.2" = ""

[maps.systems]
NDC = "N"
"""
    )
    told = composed(own, "order.created", AT, patient=EDITH, order={**ORDER, "indication": "cholesterol"})
    message = er7.parse(told)
    paths = ("MSH-6", "RXE-2.1", "RXE-2.3", "ORC-12", "PID-7", "PV1-2", "RXE-27.2")
    assert [message.get(path) for path in paths] == ["OAK01", "7115523", "N", "UNKNOWN", "12/04/1938", "I", ""]


def test_a_patients_changed_particulars() -> None:
    message = er7.parse(composed(HL7, "patient.changed", AT, patient=EDITH, identifiers=NUMBERS))
    assert names(message) == ["MSH", "EVN", "PID", "PV1"]
    assert [message.get("MSH-9.2"), message.get("EVN-2"), message.get("PV1-2")] == ["A08", "20260714083000-0500", "U"]
