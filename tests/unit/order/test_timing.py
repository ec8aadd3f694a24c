from __future__ import annotations

import pytest

from officina.message.cut import Cut
from officina.message.timings import quantity_timing, schedule
from officina.order.timing import Timing, combine, of_quantity_timing, of_schedules
from officina.wire import er7

CUT = Cut.of(er7.parse(b"MSH|^~\\&|A\r"))


def tq(text: str) -> tuple[Timing, ...]:
    return of_quantity_timing(quantity_timing(text, CUT))


def tq1(text: str) -> tuple[Timing, ...]:
    return of_schedules([schedule(text.split("|"), CUT)])


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        # long-term-care contract, RXE-1
        ("BID&08:00,20:00", Timing(code="BID", times=("08:00", "20:00"))),
        ("W^Mon,Tue,Fri", Timing(code="W", weekdays=("mon", "tue", "fri"), every_weeks=1)),
        ("M^15 ,21", Timing(code="M", month_days=(15, 21))),
        ("w^Monday, thursday", Timing(code="w", weekdays=("mon", "thu"), every_weeks=1)),
        ("QD", Timing(code="QD")),
        ("M^0,32", Timing(code="M", text="0,32")),
        # HL7 2.5.1 chapter 4.3
        ("^BID&0800,2000", Timing(code="BID", times=("08:00", "20:00"))),
        ("1^TID^D10^^^R", Timing(code="TID", dose="1", duration="D10", priority="R")),
        (
            "0.5&TAB^Q6H^^20260101^20260111^R^PRN pain^as needed^^^^12",
            Timing(
                "Q6H",
                (),
                (),
                (),
                0,
                0,
                "0.5",
                "TAB",
                "",
                "12",
                "R",
                True,  # TQ.7: "for example, PRN pain"
                "as needed; PRN pain",
                "20260101",
                "20260111",
            ),
        ),
        ("^QHS PRN", Timing(code="QHS PRN", prn=True)),
        # hospital contract, ORC-7
        (
            "^every 24 hours^^20161123113700^^Routine",
            Timing(code="every 24 hours", start="20161123113700", priority="Routine"),
        ),
        ("^Q2J1", Timing(code="Q2J1", weekdays=("mon",), every_weeks=2)),
    ],
)
def test_quantity_timing(sent: str, read: Timing) -> None:
    assert tq(sent) == (read,)


def test_repetitions_are_schedules_of_their_own() -> None:
    assert tq("1^QAM~2^QHS") == (Timing(code="QAM", dose="1"), Timing(code="QHS", dose="2"))


@pytest.mark.parametrize("sent", ["", "^", '""', '^""', "~", "&"])
def test_nothing_said_is_no_timing(sent: str) -> None:
    assert tq(sent) == ()


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("TQ1|1|1^TAB|D^1|07:30, 15:00", Timing("D", ("07:30", "15:00"), every_days=1, dose="1", dose_units="TAB")),
        ("TQ1|1||D^2", Timing(code="D", every_days=2)),
        ("TQ1|1||QJ135", Timing(code="QJ135", weekdays=("mon", "wed", "fri"), every_weeks=1)),
        ("TQ1|1||Q2D", Timing(code="Q2D", every_days=2)),
        ("TQ1|1||QL1,15", Timing(code="QL1,15", month_days=(1, 15))),
        ("TQ1|1||W^Mon,Fri", Timing(code="W", weekdays=("mon", "fri"), every_weeks=1)),
        # HL7 2.5.1 chapter 4.5.4
        (
            "TQ1|1|1^tablet|Q6H||||20260705080000||S|||||24",
            Timing("Q6H", start="20260705080000", priority="S", dose="1", dose_units="tablet", occurrences="24"),
        ),
        ("TQ1|1||TID|||3^D&day&ISO", Timing(code="TID", duration="3 D")),
        ("TQ1|1|||070000~150000~230000", Timing(times=("07:00", "15:00", "23:00"))),
        ("TQ1|1||BID^^^0900", Timing(code="BID", times=("09:00",))),
        ("TQ1|1||||||||PRN|for pain|As needed", Timing(priority="PRN", prn=True, text="As needed; for pain")),
        # 4.5.4.3: repetitions build up one pattern, "daily at bedtime can be represent as |QD~HS|"
        ("TQ1|1||QD~HS", Timing(code="QD HS")),
        ("TQ1|1|5^mg|BID&Twice~QHS", Timing(code="BID QHS", dose="5", dose_units="mg")),
        ("TQ1|1||BID~QJ135", Timing(code="BID QJ135", weekdays=("mon", "wed", "fri"), every_weeks=1)),
        ("TQ1|1||Q2D~QL1,15", Timing(code="Q2D QL1,15")),
        ("TQ1|1||W^Mon~W^Fri", Timing(code="W W", weekdays=("mon", "fri"), every_weeks=1)),
        ("TQ1|1||BID^^^0900~QHS^^^2100", Timing(code="BID QHS", times=("09:00", "21:00"))),
        ("TQ1|1||Q4H~PRN", Timing(code="Q4H PRN", prn=True)),
        ('TQ1|1||""~BID~', Timing(code="BID")),
        # table 0335: PRNxxx, "given as needed over the frequency period"
        ("TQ1|1||PRNQ6H", Timing(code="PRNQ6H", prn=True)),
        # 4.5.4.9 repeats, 4.5.4.10: "conditions under which the drug is to be given, for example PRN pain"
        ("TQ1|1||Q6H||||||R~PRN", Timing(code="Q6H", priority="R PRN", prn=True)),
        ("TQ1|1||Q6H|||||||PRN pain", Timing(code="Q6H", prn=True, text="PRN pain")),
        ("TQ1|1||Q6H|||||||pain, p.r.n.", Timing(code="Q6H", prn=True, text="pain, p.r.n.")),
        ("TQ1|1||Q6H|||||||to keep blood pressure below 110", Timing("Q6H", text="to keep blood pressure below 110")),
        ("TQ1|1|||breakfast", Timing(text="breakfast")),
        ("TQ1|1|||24:00", Timing(times=("24:00",))),
    ],
)
def test_schedule(sent: str, read: Timing) -> None:
    assert tq1(sent) == (read,)


def test_a_schedule_takes_from_quantity_timing_what_it_leaves_open() -> None:
    combined = combine(tq1("TQ1|1|1^TAB|D^1"), tq("BID&08:00,20:00"))
    assert combined == (Timing("BID", ("08:00", "20:00"), every_days=1, dose="1", dose_units="TAB"),)


def test_rules_for_days_are_never_mixed() -> None:
    (combined,) = combine(tq1("TQ1|1||QJ135"), tq("M^15"))
    assert (combined.weekdays, combined.month_days) == (("mon", "wed", "fri"), ())


def test_several_schedules_stay_as_they_are() -> None:
    several = tq("1^QAM~2^QHS")
    assert combine(several, tq("^BID")) == several
    assert combine((), several) == several


def test_facts_leave_out_what_is_empty_and_the_bounds() -> None:
    assert Timing(code="BID", times=("08:00",), start="20260101").facts() == {"code": "BID", "times": ["08:00"]}
