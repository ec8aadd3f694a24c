"""Field paths: the forms accepted, how they are written back, and that a refusal names the path."""

from __future__ import annotations

import pytest

from officina.wire.path import Path, PathError, Place


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("PID", Path("PID")),
        ("OBX[2]", Path("OBX", 2)),
        ("PID-3", Path("PID", 0, Place(3))),
        ("PID-3.1", Path("PID", 0, Place(3, 0, 1))),
        ("PID-3[1].1", Path("PID", 0, Place(3, 1, 1))),
        ("PID-3[2]", Path("PID", 0, Place(3, 2))),
        ("OBX[2]-5", Path("OBX", 2, Place(5))),
        ("RXE-2.2.1", Path("RXE", 0, Place(2, 0, 2, 1))),
        ("ORC[2]/RXE-2.2", Path("RXE", 0, Place(2, 0, 2), "ORC", 2)),
        ("ORC/OBX[3]-5[1].2.3", Path("OBX", 3, Place(5, 1, 2, 3), "ORC", 0)),
        ("ZP1-99", Path("ZP1", 0, Place(99))),
    ],
)
def test_a_path_is_read_and_written(text: str, path: Path) -> None:
    assert Path.parse(text) == path
    assert str(path) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pid-3",
        "PID.3",
        "PID-0",
        "PID-3[0]",
        "PID-3.0",
        "PID-3.1.1.1",
        "PID-03",
        "PI-3",
        "1PD-3",
        "PID-3 ",
        "PID-3\n",
        "PID-",
        "ORC[2]/",
        "/RXE-2",
        "ORC[2]/RXE/NTE-3",
        "PID-³",
        "PID-3[*].1",
    ],
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(PathError) as refusal:
        Path.parse(text)
    assert refusal.value.place == text
    assert refusal.value.code == "path"
    assert "PID-3[1].1" in refusal.value.remedy


def test_a_long_refusal_is_shortened() -> None:
    with pytest.raises(PathError) as refusal:
        Path.parse("X" * 5000)
    assert len(refusal.value.place) == 61


def test_head_is_the_segment_part() -> None:
    assert Path.parse("ORC[2]/RXE[1]-2.2").head == "ORC[2]/RXE[1]"


def test_a_place_inside_a_segment() -> None:
    assert Place.parse("3[1].2.4") == Place(3, 1, 2, 4)
    with pytest.raises(PathError) as refusal:
        Place.parse("PID-3")
    assert refusal.value.place == "PID-3"
