"""The figures as one table: on the screen, and in the README from `results/latest.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

RESULTS: Final = Path(__file__).parent / "results" / "latest.json"
QUICK: Final = RESULTS.parent / "tmp" / "quick.json"
BEGIN: Final = "<!-- benchmarks: begin -->"
END: Final = "<!-- benchmarks: end -->"


CONNECTIONS: Final = (1, 8, 64)


class Goal(NamedTuple):
    """One measure. ``must`` and ``aim`` are bounds of ``value``, and of ``p99`` (ms) where given."""

    key: str
    text: str
    unit: str
    must: float | None = None
    aim: float | None = None
    must_p99: float | None = None
    aim_p99: float | None = None
    more_is_better: bool = True


GOALS: Final = (
    Goal("sqlite_64", "durable intake, 64 connections, SQLite", "msg/s", 5_000, 10_000, 30, 15),
    Goal("sqlite_8", "durable intake, 8 connections, SQLite", "msg/s", 2_500, 5_000),
    Goal("sqlite_1", "durable intake, 1 connection, SQLite", "msg/s", 900, 2_000),
    Goal("postgresql_64", "durable intake, 64 connections, PostgreSQL", "msg/s", 3_000, 6_000),
    Goal("postgresql_8", "durable intake, 8 connections, PostgreSQL", "msg/s"),
    Goal("postgresql_1", "durable intake, 1 connection, PostgreSQL", "msg/s"),
    Goal("engine", "64 connections, SQLite, against the best durable engine of the run", "×", 8, 15),
    Goal("forward", "in order to one partner who acknowledges each, 64 senders, SQLite", "msg/s", 1_500, 5_000),
    Goal("backlog", "the same from a queue, while nothing comes in", "msg/s"),
    Goal("forward_p99", "from its acknowledgement to the partner, 500 msg/s, p99", "ms", 100, more_is_better=False),
    Goal("partners", "to 45 partners beside 5 dead ones, all together", "msg/s"),
    Goal("parse", "parse a 700-byte RDE and read 20 fields", "µs", 25, 12, more_is_better=False),
    Goal("parse_ratio", "the same against python-hl7", "×", 20),
    Goal("disk", "disk per message with order, event, delivery (SQLite)", "bytes", 3_000, 2_000, more_is_better=False),
    Goal("disk_postgresql", "the same on PostgreSQL", "bytes", 3_000, 2_000, more_is_better=False),
    Goal("memory", "idle memory of the hub", "MB", 150, 90, more_is_better=False),
    Goal("start", "start until listening", "s", 2, more_is_better=False),
)


class Row(NamedTuple):
    """A goal with what was measured. ``peers`` are (name, value) of the same run."""

    goal: Goal
    value: float
    p99: float | None
    peers: tuple[tuple[str, float], ...]

    @property
    def met(self) -> str:
        """``aim``, ``must``, ``missed``, or "" where there is no bound."""
        for word, bound, p99 in (
            ("aim", self.goal.aim, self.goal.aim_p99),
            ("must", self.goal.must, self.goal.must_p99),
        ):
            if bound is not None and self._within(bound) and (p99 is None or (self.p99 or 0) <= p99):
                return word
        return "missed" if self.goal.must is not None else ""

    def _within(self, bound: float) -> bool:
        return self.value >= bound if self.goal.more_is_better else self.value <= bound

    def ratio(self, peer: float) -> float:
        """How many times better than the peer."""
        return self.value / peer if self.goal.more_is_better else peer / self.value


def rows(results: dict[str, Any]) -> list[Row]:
    """The measures that the results hold, in the order of GOALS."""
    found = []
    for goal in GOALS:
        entry = results["measures"].get(goal.key)
        if entry is not None:
            peers = tuple((name, float(value)) for name, value in entry.get("peers", {}).items())
            found.append(Row(goal, float(entry["value"]), entry.get("p99"), peers))
    return found


def number(value: float) -> str:
    """Three figures where they matter: 12,345 · 12.3 · 1.23."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _bounds(goal: Goal, bound: float | None, p99: float | None) -> str:
    if bound is None:
        return ""
    sign = "≥" if goal.more_is_better else "≤"
    return f"{sign} {bound:,.0f}" + (f", p99 ≤ {p99:g} ms" if p99 is not None else "")


def _cells(row: Row) -> tuple[str, str, str, str, str, str]:
    goal = row.goal
    ours = f"{number(row.value)} {goal.unit}" + (f", p99 {number(row.p99)} ms" if row.p99 is not None else "")
    peers = "; ".join(f"{name}: {number(value)}" for name, value in row.peers)
    ratios = "; ".join(f"{number(row.ratio(value))} ×" for _, value in row.peers if value)
    must = _bounds(goal, goal.must, goal.must_p99)
    return goal.text, ours, must, _bounds(goal, goal.aim, goal.aim_p99), peers, ratios


def text(results: dict[str, Any]) -> str:
    """The table for a screen."""
    lines = [machine(results), ""]
    for row in rows(results):
        measure, ours, must, aim, _, _ = _cells(row)
        mark = {"aim": "✓✓", "must": "✓ ", "missed": "✗ "}.get(row.met, "  ")
        bounds = " · ".join(filter(None, (f"must {must}" if must else "", f"aim {aim}" if aim else "")))
        lines.append(f"{mark} {measure:56} {ours:36} {bounds}")
        for name, value in row.peers:
            lines.append(f"      {number(row.ratio(value)):>7} × {name} ({number(value)} {row.goal.unit})")
    return "\n".join(lines)


def machine(results: dict[str, Any]) -> str:
    """One line: where and when."""
    about = results["machine"]
    quick = " Short run." if results.get("quick") else ""
    return (
        f"{about['cores']} cores ({about['processor']}), {about['memory_gib']:g} GiB, Linux {about['kernel']}, "
        f"Python {about['python']}, fsync {about['fsync_us']:g} µs; generator, hub and database share the cores; "
        f"acknowledged only after fsync; {results['at'][:10]}.{quick}"
    )


def markdown(results: dict[str, Any] | None = None) -> str:
    """The README's tables: intake beside the peers of the run, then every figure against its bounds.

    Reads `results/latest.json` when nothing is given.
    """
    if results is None:
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    found = rows(results)
    lines = [*_intake(found), "", "| measure | measured | must | aim | |", "|---|---|---|---|---|"]
    for row in found:
        measure, ours, must, aim, _, _ = _cells(row)
        verdict = {"aim": "aim reached", "must": "must reached", "missed": "**missed**"}.get(row.met, "")
        lines.append(f"| {measure} | {ours} | {must} | {aim} | {verdict} |")
    return "\n".join([*lines, "", machine(results)])


def _intake(found: list[Row]) -> list[str]:
    """Messages per second of every system of the run; in brackets how many times that the hub on SQLite takes."""
    measured = {row.goal.key: row for row in found}
    counts = [count for count in CONNECTIONS if f"sqlite_{count}" in measured]
    sqlite = [measured[f"sqlite_{count}"] for count in counts]
    postgresql = [measured[key].value for count in counts if (key := f"postgresql_{count}") in measured]

    def line(name: str, cells: Iterable[str]) -> str:
        return f"| {name} | {' | '.join(cells)} |"

    lines = [
        line("messages/s taken over MLLP", (f"{count} connection{'s' if count > 1 else ''}" for count in counts)),
        "|---|" + "---:|" * len(counts),
        line("**Officina, SQLite**", (f"**{number(row.value)}**" for row in sqlite)),
    ]
    if len(postgresql) == len(counts):
        lines.append(line("Officina, PostgreSQL", map(number, postgresql)))
    for name in dict.fromkeys(name for row in sqlite for name, _ in row.peers):
        theirs = [(row, dict(row.peers).get(name)) for row in sqlite]
        lines.append(line(name, (f"{number(at)} ({number(row.ratio(at))} ×)" if at else "" for row, at in theirs)))
    return [*lines, "", "In brackets: Officina on SQLite divided by this peer; below 1 the peer is faster."]


def write_into(readme: Path, results: dict[str, Any]) -> bool:
    """Puts the table between the two marks of a document; False if it has none."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return False
    readme.write_text(f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}", encoding="utf-8")
    return True
