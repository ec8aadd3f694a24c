"""Quiet hours and hours of traffic: over midnight, and on the two days a year that are not 24 hours long."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from officina import clock
from officina.workflow import hours

HOUR = 3600 * clock.SECOND


def at(text: str, zone: str = "UTC") -> int:
    return clock.instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def shown(instant: int, zone: str) -> str:
    return clock.moment(instant).astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-01-10T21:59", "2026-01-10T21:59"),
        ("2026-01-10T22:00", "2026-01-11T06:00"),
        ("2026-01-10T23:30", "2026-01-11T06:00"),
        ("2026-01-11T00:00", "2026-01-11T06:00"),
        ("2026-01-11T05:59", "2026-01-11T06:00"),
        ("2026-01-11T06:00", "2026-01-11T06:00"),
    ],
)
def test_quiet_hours_go_over_midnight(moment: str, end: str) -> None:
    quiet = hours.parse("22:00-06:00", "Europe/Madrid")
    assert quiet is not None
    assert hours.until(quiet, at(moment, "Europe/Madrid")) == at(end, "Europe/Madrid")


@pytest.mark.parametrize(
    ("night", "end", "length"),
    [("2026-03-28", "2026-03-29T06:00+02:00", 7), ("2026-10-24", "2026-10-25T06:00+01:00", 9)],
)
def test_they_end_by_the_clock_on_the_wall_when_it_is_put_on_or_back(night: str, end: str, length: int) -> None:
    quiet = hours.parse("22:00-06:00", "Europe/Madrid")
    assert quiet is not None
    began = at(f"{night}T22:00", "Europe/Madrid")
    assert shown(hours.until(quiet, began), "Europe/Madrid") == end
    assert hours.until(quiet, began) - began == length * HOUR
    assert hours.spent(quiet, began - 12 * HOUR, began + 14 * HOUR) == length * HOUR


def test_silence_is_counted_in_the_hours_of_traffic_alone() -> None:
    day = hours.parse("07:00-19:00", "UTC")
    last = at("2026-01-10T18:00")
    assert hours.spent(day, last, at("2026-01-11T06:59")) == HOUR
    assert hours.spent(day, last, at("2026-01-11T08:30")) == int(2.5 * HOUR)
    assert hours.spent(None, last, at("2026-01-11T06:00")) == 12 * HOUR
    assert hours.spent(day, last, last - HOUR) == 0


def test_what_is_no_hours_is_told() -> None:
    assert hours.parse("", "UTC") is None
    for wrong in ("22-6", "24:00-06:00", "22:00", "22:60-06:00"):
        with pytest.raises(ValueError, match="write them like 22:00-06:00"):
            hours.parse(wrong, "UTC")
