"""Spans begin where the reader's clock says so, whatever their zone, and a plot says in words what it draws."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from officina.clock import instant, moment
from officina.web.traffic import IN, OUT, PERIODS, Period, Span, beginnings, plot_of
from officina.workflow.traffic import Counts


@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide"])
@pytest.mark.parametrize("period", PERIODS.values(), ids=lambda period: period.words)
def test_spans_begin_at_round_times_and_the_last_holds_the_present(name: str, period: Period) -> None:
    zone, (_, length, count) = ZoneInfo(name), period
    now = instant(datetime(2026, 3, 4, 13, 47, 11, 5000, tzinfo=zone))
    begins = beginnings(now, zone, period)
    assert len(begins) == count
    assert {later - earlier for earlier, later in pairwise(begins)} == {length}
    assert begins[-1] <= now < begins[-1] + length
    last = moment(begins[-1]).astimezone(zone)
    assert f"{last:%H:%M:%S}" == ("13:30:00" if count == 48 else "12:00:00")


def span(counts: Counts) -> Span:
    return Span("Wed 4 Mar, 08:00–08:30", counts, "/messages", "", False)


def test_a_bar_says_what_it_counts() -> None:
    spans = [span(Counts(taken=1200, no_effect=3)), span(Counts(refused=2, sent=4)), span(Counts())]
    received, sent = plot_of(IN, spans), plot_of(OUT, spans)
    assert received.says == (
        "Wed 4 Mar, 08:00–08:30: 1,200 taken, 3 without effect",
        "Wed 4 Mar, 08:00–08:30: 2 refused",
        "Wed 4 Mar, 08:00–08:30: nothing",
    )
    assert sent.says[1] == "Wed 4 Mar, 08:00–08:30: 4 sent"
    assert (received.empty, sent.empty) == (False, False)
    assert plot_of(OUT, spans[:1]).empty
