"""From a finding's path to the place of the tree that shows it."""

from __future__ import annotations

import pytest

from officina.web import segments
from officina.wire import er7

MESSAGE = er7.parse(
    b"MSH|^~\\&|APP\r"
    b"PID|1||1^^^A~2^^^B||NAME^GIVEN|\r"
    b"ORC|NW|P1\rRXE|1|C1^Drug one\r"
    b'ORC|XO|P2\rRXE|2|C2^Drug two||""\rNTE|1||text\r'
)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("PID-5", "PID-5"),
        ("PID-5.1", "PID-5.1"),
        ("PID-5[1].2", "PID-5.2"),
        ("PID-3", "PID-3[1]"),
        ("PID-3[2].1", "PID-3[2].1"),
        ("ORC[2]-2", "ORC[2]-2"),
        ("ORC[2]/RXE-2", "RXE[2]-2"),
        ("ORC[2]/NTE-3", "NTE-3"),
        ("RXE", "RXE[1]"),
        ("PID-19", "PID"),  # empty, so the segment is the nearest
        ("ORC[1]/NTE-3", ""),  # not in that group
        ("ORC[9]/RXE-2", ""),
        ("ZZZ-1", ""),
        ("", ""),
        ("no path", ""),
    ],
)
def test_findings_lead_to_the_nearest_place(path: str, place: str) -> None:
    assert segments.finder(segments.of_message(MESSAGE))(path) == place


def test_parts_stand_under_their_field() -> None:
    pid = segments.of_message(MESSAGE)[1]
    name = [element for element in pid.elements if element.field == "PID-5"]
    assert [(each.path, each.depth, each.source) for each in name] == [
        ("PID-5", 0, True),
        ("PID-5.1", 1, False),
        ("PID-5.2", 1, False),
    ]
    assert pid.count == "3 fields"


def test_the_null_is_told_apart() -> None:
    rxe = segments.of_message(MESSAGE)[5]
    assert [element.path for element in rxe.elements if element.null] == ["RXE[2]-4"]
