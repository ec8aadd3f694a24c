"""Time as people read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from officina.clock import instant
from officina.web import moments

NOW = instant(datetime(2026, 3, 4, 15, 0, tzinfo=UTC))
LONDON, NEW_YORK = moments.zone_of("Europe/London"), moments.zone_of("America/New_York")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "now"), (45, "45 s ago"), (720, "12 min ago"), (7200, "2 h ago"), (200_000, "2 d ago"), (-2400, "in 40 min")],
)
def test_how_long_ago(seconds: int, text: str) -> None:
    assert moments.ago(NOW - seconds * 1_000_000, NOW) == text


def test_exact_in_the_readers_zone() -> None:
    at = instant(datetime(2026, 3, 4, 3, 4, 5, 678000, tzinfo=UTC))
    assert moments.show(at, NOW, LONDON).exact == "03:04:05"
    new_york = moments.show(at, NOW, NEW_YORK)
    assert new_york.exact == "3 Mar 22:04:05"
    assert new_york.full == "Tuesday 3 March 2026, 22:04:05.678 EST"
    assert new_york.machine == "2026-03-04T03:04:05.678Z"
    assert moments.show(at, instant(datetime(2027, 1, 1, tzinfo=UTC)), LONDON).exact == "4 Mar 2026 03:04:05"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "\x00"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert moments.zone_of(name).key == "UTC"


@pytest.mark.parametrize(
    ("born_on", "text"),
    [
        ("1953-04-28", "28 Apr 1953 (72 y)"),
        ("1953-03-04", "4 Mar 1953 (73 y)"),
        ("2025-11-20", "20 Nov 2025 (3 mo)"),
        ("1953-04", "Apr 1953"),
        ("1953", "1953"),
        ("2027-01-01", "1 Jan 2027"),
        ("19530231", "19530231"),
        ("1953-02-31", "1953-02-31"),
    ],
)
def test_birth_with_age(born_on: str, text: str) -> None:
    assert moments.birth(born_on, NOW, LONDON) == text


def test_what_people_type_is_in_their_zone() -> None:
    assert moments.local_instant("2026-03-04T10:00", NEW_YORK) == NOW
    assert moments.local_instant("yesterday", NEW_YORK) is None


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-03-04T08:00:00-05:00", "EST"),
        ("2026-03-04T08:00:00-03:00", "UTC-03:00"),
        ("2026-03-04T08:00:00+00:00", ""),
        ("2026-03-04", ""),
        ("when needed", ""),
    ],
)
def test_a_stated_time_names_its_zone_where_the_readers_clock_differs(text: str, zone: str) -> None:
    assert moments.zone_beside(text, NEW_YORK, LONDON) == zone


def test_a_zone_without_letters_is_named_by_its_offset() -> None:
    assert moments.zone_name(datetime(2026, 3, 4, tzinfo=moments.zone_of("Asia/Dubai"))) == "UTC+04"
