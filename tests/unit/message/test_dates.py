from __future__ import annotations

import pytest

from officina.message.dates import Unreadable, day_first, hl7_date, hl7_datetime


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        # HL7 2.5.1 chapter 2.A.22: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]
        ("2016", "2016"),
        ("201611", "2016-11"),
        ("20161123", "2016-11-23"),
        ("2016112311", "2016-11-23T11:00:00"),
        ("201611231138", "2016-11-23T11:38:00"),
        ("20161123113853", "2016-11-23T11:38:53"),
        ("20161123113853.25", "2016-11-23T11:38:53.250000"),
        ("20161123113853.0000", "2016-11-23T11:38:53"),
        ("201611231138+0215", "2016-11-23T11:38:00+02:15"),
        ("20161123113853-0600", "2016-11-23T11:38:53-06:00"),
        ("20161123113853-0000", "2016-11-23T11:38:53+00:00"),
        # met in the field
        ("20160000", "2016"),
        ("20161100", "2016-11"),
        ("2016-11", "2016-11"),
        ("2016-11-23", "2016-11-23"),
        ("2016-11-23T11:38:53.250000-06:00", "2016-11-23T11:38:53.250000-06:00"),
        ("2016-11-23T11:38:53Z", "2016-11-23T11:38:53+00:00"),
        ("2016-11-23 11:38", "2016-11-23T11:38:00"),
    ],
)
def test_times_are_read_as_precisely_as_sent(sent: str, read: str) -> None:
    assert hl7_datetime(sent) == read


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "00000000",
        "20160230",
        "20161323",
        "20161123250000",
        "2016112",
        "1161123113853",
        "20161123113853+9999",
        "²016",
    ],
)
def test_what_is_no_time_is_said_to_be_none(sent: str) -> None:
    with pytest.raises(Unreadable):
        hl7_datetime(sent)


def test_a_day_is_what_is_left_of_a_time() -> None:
    assert hl7_date("19530428000000") == "1953-04-28"
    assert hl7_date("195304") == "1953-04"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("14/09/2021 10:32:41", "2021-09-14T10:32:41"),
        ("1/9/2021", "2021-09-01"),
        ("14.09.2021 10:32", "2021-09-14T10:32:00"),
        ("20210914103241", "2021-09-14T10:32:41"),
    ],
)
def test_day_first(sent: str, read: str) -> None:
    assert day_first(sent) == read


def test_day_first_refuses_a_month_first_date() -> None:
    with pytest.raises(Unreadable):
        day_first("09/14/2021")
