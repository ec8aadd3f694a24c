"""The table says what was measured: bounds, ratios and the place in the README."""

from __future__ import annotations

from pathlib import Path

from benchmarks import table

RESULTS = {
    "at": "2026-03-02T09:00:00+00:00",
    "quick": False,
    "machine": {
        "cores": 2, "processor": "X", "memory_gib": 24.0, "kernel": "6.1", "python": "3.11.7", "fsync_us": 129.0,
    },
    "measures": {
        "sqlite_64": {"value": 10_500.0, "p99": 20.0, "peers": {"MessageFoundry": 500.0}},
        "sqlite_8": {"value": 2_000.0, "p99": 9.0, "peers": {}},
        "parse": {"value": 10.0, "peers": {"python-hl7": 700.0}},
        "disk": {"value": 2_500.0, "peers": {}},
        "postgresql_1": {"value": 700.0, "p99": 3.0, "peers": {}},
    },
}  # fmt: skip


def test_bounds_are_judged_both_ways_and_with_latency() -> None:
    met = {row.goal.key: row.met for row in table.rows(RESULTS)}
    assert met == {
        "sqlite_64": "must",  # fast enough for the aim, but its p99 is not
        "sqlite_8": "missed",
        "postgresql_1": "",
        "parse": "aim",
        "disk": "must",
    }


def test_ratios_say_how_many_times_better() -> None:
    ratios = {row.goal.key: [row.ratio(value) for _, value in row.peers] for row in table.rows(RESULTS) if row.peers}
    assert ratios == {"sqlite_64": [21.0], "parse": [70.0]}


def test_the_readme_gets_the_peers_first_and_keeps_the_rest(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Officina\n\n{table.BEGIN}\nold\n{table.END}\n\nThe end.\n", encoding="utf-8")
    assert table.write_into(readme, RESULTS)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("# Officina\n")
    assert text.endswith("The end.\n")
    assert "old" not in text
    assert text.index("(21.0 ×) |") < text.index("**missed**")
    assert "| MessageFoundry |" in text
    assert "2 cores (X), 24 GiB, Linux 6.1" in text


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing here", encoding="utf-8")
    assert not table.write_into(readme, RESULTS)
    assert readme.read_text(encoding="utf-8") == "nothing here"
