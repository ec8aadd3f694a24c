"""Orders in words, and their versions compared."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from officina.packed import Like, pack
from officina.store.rows import VersionRow
from officina.web import facts, tall_man, words

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")


def version(number: int, **stated: object) -> VersionRow:
    return VersionRow(number, 1, number, number, 0, pack(json.dumps(stated).encode(), Like.FACTS))


def test_texts_are_compared_word_by_word() -> None:
    pieces = words.compare("1 tablet in the morning", "1 tablet twice a day in the evening")
    assert [tuple(piece) for piece in pieces] == [
        ("same", "1 tablet"),
        ("new", "twice a day"),
        ("same", "in the"),
        ("gone", "morning"),
        ("new", "evening"),
    ]
    assert words.compare("", "") == []


def test_versions_say_what_changed() -> None:
    told = facts.versions(
        [
            version(1, control="NW", drug_text="Drug", dose="10", dose_units="mg", entered_at="2026-01-01"),
            version(2, control="XO", drug_text="Drug", dose="20", dose_units="mg", entered_at="2026-01-02"),
            version(3, control="DC", drug_text="Drug", dose="20", dose_units="mg"),
        ]
    )
    assert [each.row.number for each in told] == [1, 2, 3]
    assert [change.title for change in told[1].changes] == ["Dose"]
    assert [tuple(piece) for piece in told[1].changes[0].pieces] == [("gone", "10"), ("new", "20"), ("same", "mg")]
    assert (told[0].changes, told[2].changes) == ([], [])


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ({"code": "BID", "times": ["08:00", "20:00"]}, "BID · 08:00, 20:00"),
        ({"code": "W", "weekdays": ["mon", "fri"], "times": ["07:00"]}, "Mon, Fri · 07:00"),
        ({"code": "M", "month_days": [15, 21]}, "on day 15, 21 of the month"),
        ({"every_days": 2, "prn": True}, "every 2 days · when needed"),
        ({"code": "Q6H", "duration": "D10", "dose": "1", "dose_units": "TAB"}, "Q6H · 1 TAB · for D10"),
        ({"text": "as the label says"}, "as the label says"),
    ],
)
def test_timing_in_words(stated: dict[str, object], text: str) -> None:
    assert facts.timing(stated) == text


def test_facts_read_as_a_pharmacist_reads_them() -> None:
    told = facts.lines(
        {
            "filler_number": "F1",
            "route": "PO",
            "drug_text": "HYDROXYZINE HCL 25 MG",
            "start_at": "2026-03-04T08:00:00-05:00",
            "stop_at": "2026-03",
            "form": "TAB",
            "priority": "PRN",
        },
        facts.Zones(NEW_YORK, NEW_YORK),
    )
    assert [tuple(line) for line in told] == [
        ("Drug", "hydrOXYzine HCL 25 MG"),
        ("Form", "tablet (TAB)"),
        ("Route", "by mouth (PO)"),
        ("Start", "4 Mar 2026 08:00"),
        ("Stop", "Mar 2026"),
        ("Priority", "when needed (PRN)"),
        ("Filler number", "F1"),
    ]


def test_a_time_of_another_zone_names_it() -> None:
    stated = {"start_at": "2026-03-04T08:00:00-05:00", "stop_at": "2026-07-04"}
    told = facts.lines(stated, facts.Zones(NEW_YORK, LONDON))
    assert [line.text for line in told] == ["4 Mar 2026 08:00 EST", "4 Jul 2026"]


def test_tall_man_letters_change_nothing_else() -> None:
    assert tall_man.mark("prednisolone and Prednisone") == "prednisoLONE and predniSONE"
    assert tall_man.mark("amoxicillin 500 mg") == "amoxicillin 500 mg"
