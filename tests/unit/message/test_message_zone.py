"""HL7 2.5.1 chapter 2, MSH-7: its offset, where it has one, is the default of the whole message."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.support.profiles import body, shipped

from officina import clock
from officina.errors import Invalid
from officina.message.extract import extract
from officina.message.profile import Profile, load
from officina.order.assemble import Assembled, assemble
from officina.wire import er7

NEW_YORK = ZoneInfo("America/New_York")


def read(sent_at: str, profile: Profile, start: str = "20260301090000") -> Assembled:
    segments = (
        f"MSH|^~\\&|A|B|||{sent_at}||RDE^O11|7|P|2.5.1",
        "PID|||1||Doe^Jo",
        "PV1||I|N^1^A" + "|" * 41 + "20260301080000",
        "ORC|NW|P1|||||||20260301075900",
        "RXE||^X",
        f"TQ1|1||BID||||{start}",
    )
    return assemble(extract(er7.parse("\r".join(segments).encode()), profile), NEW_YORK)


def stated(sent_at: str, name: str) -> tuple[object, object]:
    facts = read(sent_at, shipped(name)).orders[0].facts()
    return facts["start_at"], facts["entered_at"]


@pytest.mark.parametrize("name", ["hl7", "tracking-orm"])
def test_the_offset_of_the_message_holds_for_its_times(name: str) -> None:
    assert stated("20260301120000-0800", name) == ("2026-03-01T09:00:00-08:00", "2026-03-01T07:59:00-08:00")
    admitted = read("20260301120000.25-0800", shipped(name)).visit.instants["admitted_at"]
    assert admitted == clock.instant(datetime.fromisoformat("2026-03-01T08:00:00-08:00"))


@pytest.mark.parametrize("sent_at", ["20260301120000", "20260301", "", "T12:00+99:99", "20260301T120000Z"])
def test_without_one_they_are_local_to_the_place(sent_at: str) -> None:
    assert stated(sent_at, "hl7") == ("2026-03-01T09:00:00-05:00", "2026-03-01T07:59:00-05:00")


def test_a_long_term_care_pharmacy_means_the_clock_of_the_home() -> None:
    assert stated("20260301120000-0800", "ltc")[0] == "2026-03-01T09:00:00-05:00"


def test_a_time_with_an_offset_of_its_own_keeps_it() -> None:
    order = read("20260301120000-0800", shipped("hl7"), start="20260301090000+0100").orders[0]
    assert order.facts()["start_at"] == "2026-03-01T09:00:00+01:00"


def test_a_day_alone_is_a_day_of_the_place() -> None:
    order = read("20260301120000-0800", shipped("hl7"), start="20260301").orders[0]
    assert order.facts()["start_at"] == "2026-03-01"
    assert order.starts_at == clock.instant(datetime(2026, 3, 1, tzinfo=NEW_YORK))


def test_a_profile_chooses() -> None:
    assert load("own", 'extends = "ltc"\nzone = "message"', body).zone == "message"
    with pytest.raises(Invalid, match="one of message, place"):
        load("own", 'zone = "Europe/Berlin"', body)
