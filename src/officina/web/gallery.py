"""The component gallery: every piece of the screens in all its states, with invented content."""

from __future__ import annotations

from starlette.responses import Response

from officina.clock import SECOND
from officina.web import moments, plot, raw, segments, traffic, words
from officina.web.facts import Change
from officina.web.happened import Line
from officina.web.visit import Visit
from officina.wire import er7
from officina.workflow.traffic import Counts

MINUTE = moments.MINUTE

SECTIONS = (
    ("colour", "Colour"),
    ("type", "Type"),
    ("statuses", "Statuses"),
    ("buttons", "Buttons and keys"),
    ("fields", "Fields"),
    ("filters", "Filter bar"),
    ("tables", "Table and pager"),
    ("plots", "Plots and progress"),
    ("news", "News and live signal"),
    ("time", "Time"),
    ("banners", "Banners"),
    ("nothing", "Nothing there, error"),
    ("toasts", "Toasts"),
    ("facts", "Facts"),
    ("difference", "Differences"),
    ("timeline", "Timeline"),
    ("findings", "Findings"),
    ("tree", "Segment tree"),
    ("bytes", "Bytes"),
)

BY = "ltc-pharmacy (connector)"
EXAMPLE = (
    b"MSH|^~\\&|PHARMCO|MAIN|OFFICINA|OAK|20260304050607||RDE^O11^RDE_O11|0017341|P|2.5\r"
    b'PID|1||90210^^^PHARMCO^PI||EXAMPLE^ERIKA^""||19530428|F\r'
    b"ORC|XO|P-4417|F-88120\r"
    b"RXE|^^^20261123080000|00378624001^CITALOPRAM 20 MG TABLET^NDC|20||MG|TAB|^1 tablet twice a day \\T\\ at night\r"
    b"ZPI|keep\x0bthis\r"
)


def show(visit: Visit) -> Response:
    """Everything on one page."""
    now = visit.now
    message = er7.parse(EXAMPLE)
    return visit.page(
        "gallery/page.html",
        sections=SECTIONS,
        times=[now, now - 45 * SECOND, now - 12 * MINUTE, now - 30 * moments.HOUR, now + 40 * MINUTE],
        rows=_rows(now),
        spark=plot.sparkline((0, 3, 9, 4, 0, 1, 7, 12, 5, 2, 0, 4), 60),
        spans=(spans := _spans()),
        plots=[traffic.plot_of(way, spans) for way in (traffic.IN, traffic.OUT)],
        happened=_happened(now),
        findings=_findings(),
        segments=segments.of_message(message),
        lines=raw.of_message(message),
        hex_rows=raw.hex_rows(EXAMPLE[:96]),
        before_after=words.compare(
            "Citalopram 10 mg tablet, 1 tablet in the morning", "Citalopram 20 mg tablet, 1 tablet twice a day"
        ),
    )


def _spans() -> list[traffic.Span]:
    hours = [(40, 3, 0), (62, 9, 2), (71, 4, 18), (30, 0, 0), (0, 0, 0), (1, 1, 1)]
    return [
        traffic.Span(f"{8 + at}:00–{9 + at}:00", Counts(*each, each[0] // 2, each[2]), "#plots", f"{8 + at}:00", False)
        for at, each in enumerate(hours)
    ]


def _rows(now: int) -> list[dict[str, object]]:
    states = ("accepted", "parked", "duplicate", "ignored", "rejected", "failed", "unreadable")
    return [
        {"id": 1000 - number, "at": now - number * 7 * MINUTE, "state": state, "control": f"00173{41 - number}"}
        for number, state in enumerate(states)
    ]


def _happened(now: int) -> list[Line]:
    changes = [Change("Dose", words.compare("10 mg", "20 mg"))]
    return [
        Line("done", "Sent to the care home", now - 2 * MINUTE, "the hub itself"),
        Line("attention", "Change order (XO)", now - 12 * MINUTE, BY, "#timeline", "message 498", 2, changes),
        Line("working", "Order entered", now - 3 * moments.HOUR, BY, "#timeline", "message 412", 1),
    ]


def _findings() -> list[dict[str, str]]:
    return [
        {
            "severity": "error",
            "path": "RXE-2",
            "anchor": "RXE-2",
            "text": "The drug has neither a code nor a name.",
            "way_out": "Ask the sender to fill RXE-2.1 or RXE-2.2.",
        },
        {
            "severity": "warning",
            "path": "PID-3",
            "anchor": "PID-3",
            "text": "The identifier has no assigning authority.",
            "way_out": "",
        },
        {"severity": "info", "path": "", "anchor": "", "text": "Lines end in LF instead of CR.", "way_out": ""},
    ]
