"""The table of `officina top`: what needs someone first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from officina import clock
from officina.cli.top.lines import Line

_BARS: Final = "▁▂▃▄▅▆▇█"
# State → sign, style and how urgent it is: the sign says it where there is no colour.
_STATES: Final = {
    "failed": ("✗", "bold red", 0),
    "waiting": ("▲", "yellow", 1),
    "suspended": ("‖", "yellow", 2),
    "running": ("●", "green", 3),
}
_OTHER: Final = ("○", "dim", 4)


def drawn(lines: Sequence[Line], trouble: str = "") -> RenderableType:
    """All connectors, and below them what is wrong with the hub itself."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("State", "Connector"):
        table.add_column(name, no_wrap=True)
    for name in ("Queue", "Oldest", "Errors", "in/min", "out/min"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Last hour", no_wrap=True)
    table.add_column("What it says")
    now = clock.now()
    for line in sorted(lines, key=lambda each: (_sign(each)[2], each.name)):
        table.add_row(*_cells(line, now))
    return Group(table, Text(trouble, "bold red")) if trouble else table


def _cells(line: Line, now: int) -> list[Text]:
    sign, style, _ = _sign(line)
    says = line.reason
    if line.next_at is not None and line.state == "waiting":
        says = f"{says}; next attempt in {_span(line.next_at - now)}"
    return [
        Text(f"{sign} {line.state}", style),
        Text(line.name, "bold"),
        Text("" if line.queued is None else str(line.queued)),
        Text("" if line.oldest_at is None else _span(now - line.oldest_at)),
        Text("" if line.failed is None else str(line.failed), "bold red" if line.failed else ""),
        Text(f"{line.received:g}"),
        Text(f"{line.sent:g}"),
        Text(sparkline(line.last_hour), "cyan"),
        Text(says),
    ]


def _sign(line: Line) -> tuple[str, str, int]:
    if line.failed and line.state == "running":
        sign, style, _ = _STATES["running"]
        return sign, style, 1
    return _STATES.get(line.state, _OTHER)


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count, the highest full; a blank where nothing came."""
    most = max(counts, default=0)
    return "".join(_BARS[-(-each * len(_BARS) // most) - 1] if each else " " for each in counts)


def _span(microseconds: int) -> str:
    seconds = max(microseconds, 0) // 1_000_000
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
