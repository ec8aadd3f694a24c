from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from officina import clock
from officina.order.when import when, with_zone

CHICAGO = ZoneInfo("America/Chicago")


def utc(*parts: int) -> int:
    return clock.instant(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kept", "at"),
    [
        ("2026-03-01T08:00:00", "2026-03-01T08:00:00-06:00", utc(2026, 3, 1, 14)),
        ("2026-03-31T08:00:00", "2026-03-31T08:00:00-05:00", utc(2026, 3, 31, 13)),
        ("2026-03-01T08:00:00+02:15", "2026-03-01T08:00:00+02:15", utc(2026, 3, 1, 5, 45)),
        ("2026-03-15", "2026-03-15", utc(2026, 3, 15, 5)),
        ("2026-03", "2026-03", None),
        ("2026", "2026", None),
        ("soon", "soon", None),
        ("at bedtime, daily", "at bedtime, daily", None),
        ("", "", None),
        # the hour that does not exist when the clocks go forward is read with the offset before the change
        ("2026-03-08T02:30:00", "2026-03-08T02:30:00-06:00", utc(2026, 3, 8, 8, 30)),
        # of the hour that exists twice the first one is meant
        ("2026-11-01T01:30:00", "2026-11-01T01:30:00-05:00", utc(2026, 11, 1, 6, 30)),
    ],
)
def test_local_times_get_the_offset_of_the_place(text: str, kept: str, at: int | None) -> None:
    assert when(text, CHICAGO) == (kept, at)
    assert with_zone(text, CHICAGO) == kept


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_the_calendar_do_no_harm(text: str) -> None:
    when(text, CHICAGO)
    when(text, ZoneInfo("Pacific/Kiritimati"))
    with_zone(text, CHICAGO)
