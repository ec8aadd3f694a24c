"""Traffic over the day: what came and what was sent in each half hour, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from starlette.responses import Response

from officina.actions.traffic import counted
from officina.clock import moment
from officina.connectors import registry
from officina.errors import NotFound
from officina.store import connectors
from officina.store.site import ConnectorRow
from officina.web.chart import Chart, Stack, chart
from officina.web.moments import HOUR, MINUTE
from officina.web.rendering import address
from officina.web.visit import Visit
from officina.workflow.traffic import Counts, added, between

ADDRESS: Final = "/traffic"
NAMES: Final = ("connector", "span")


class Period(NamedTuple):
    """How far back one looks: so many spans of one length."""

    words: str
    length: int
    spans: int


PERIODS: Final[Mapping[str, Period]] = {
    "": Period("last 24 hours", 30 * MINUTE, 48),
    "7d": Period("last 7 days", 3 * HOUR, 56),
}


class Kind(NamedTuple):
    """Something that is counted: its column of `Counts`, its word, and what it means."""

    name: str
    word: str
    meaning: str


class Way(NamedTuple):
    """In or out: what stands on the line, and what hangs from it."""

    title: str
    above: tuple[Kind, ...]
    below: Kind

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (*self.above, self.below)


IN: Final = Way(
    "Received",
    (
        Kind("taken", "taken", "They changed the book."),
        Kind("no_effect", "without effect", "Kept: ignored, duplicate or parked."),
    ),
    Kind("refused", "refused", "Rejected, failed or unreadable; the sender was told."),
)
OUT: Final = Way(
    "Sent",
    (Kind("sent", "sent", "The receiver has taken them."),),
    Kind("not_sent", "not sent", "Attempts that came to anything else; most are repeated."),
)


class Span(NamedTuple):
    """A half hour or so with its counts; ``href`` lists the messages of it, ``mark`` stands below its beginning."""

    words: str
    counts: Counts
    href: str
    mark: str
    minor: bool


class Plot(NamedTuple):
    """One drawing with its legend; ``says`` are the bars in words, ``follows`` whether a bar leads to its messages."""

    way: Way
    total: Counts
    drawing: Chart
    says: tuple[str, ...]
    follows: bool

    @property
    def empty(self) -> bool:
        return not any(_number(self.total, kind) for kind in self.way.kinds)


def show(visit: Visit) -> Response:
    """Of all connectors or one, over a day or a week."""
    query = visit.asked(NAMES)
    period = PERIODS.get(query.get("span", ""), PERIODS[""])
    every = connectors.every(visit.tx)
    chosen = _chosen(every, query.get("connector", ""))
    begins = beginnings(visit.now, visit.zone, period)
    mine = [
        counts
        for connector_id, counts in counted(visit.tx, begins[0], visit.now + 1).items()
        if chosen is None or connector_id == chosen.id
    ]
    sums = [added([between(each, start, start + period.length) for each in mine]) for start in begins]
    spans = [_span(visit, period, start, counts, query) for start, counts in zip(begins, sums, strict=True)]
    return visit.page(
        "exchange/traffic.html",
        workspace="exchange",
        place_path="/messages",
        query=query,
        period=period,
        periods=[(name, each.words.capitalize()) for name, each in PERIODS.items()],
        connectors=[each.name for each in every],
        spans=spans,
        plots=[plot_of(way, spans) for way in (IN, OUT) if chosen is None or way is _way(chosen)],
    )


def beginnings(now: int, zone: ZoneInfo, period: Period) -> list[int]:
    """When each span begins: at the whole and the half hour of the reader's clock."""
    local = moment(now).astimezone(zone)
    into = ((local.hour * 60 + local.minute) * MINUTE + now % MINUTE) % period.length
    return [now - into - period.length * back for back in reversed(range(period.spans))]


def _chosen(every: Sequence[ConnectorRow], name: str) -> ConnectorRow | None:
    if not name:
        return None
    found = next((each for each in every if each.name == name), None)
    if found is None:
        raise NotFound("there is no such connector")
    return found


def _way(connector: ConnectorRow) -> Way:
    return OUT if registry.kind(connector.kind).role == "sender" else IN


def _span(visit: Visit, period: Period, start: int, counts: Counts, query: Mapping[str, str]) -> Span:
    begins, ends = (moment(at).astimezone(visit.zone) for at in (start, start + period.length))
    asked = {"when": "between", "since": _typed(begins), "until": _typed(ends)}
    return Span(
        f"{begins:%a} {begins.day} {begins:%b}, {begins:%H:%M}–{ends:%H:%M}",
        counts,
        address("/messages", {"connector": query.get("connector", "")}, **asked),
        *_mark(period, begins),
    )


def _mark(period: Period, begins: datetime) -> tuple[str, bool]:
    """Every third hour of a day, every midnight of a week; the minor ones are left out where there is little room."""
    if period.length >= HOUR:
        return (f"{begins:%a}", False) if begins.hour * HOUR < period.length else ("", False)
    return (f"{begins:%H:%M}", bool(begins.hour % 6)) if begins.hour % 3 == begins.minute == 0 else ("", False)


def _typed(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def plot_of(way: Way, spans: Sequence[Span]) -> Plot:
    """The drawing of what came in or went out."""
    stacks = [
        Stack(
            tuple((kind.name, _number(span.counts, kind)) for kind in way.above),
            (way.below.name, _number(span.counts, way.below)),
        )
        for span in spans
    ]
    says = []
    for span in spans:
        parts = [f"{count:,} {kind.word}" for kind in way.kinds if (count := _number(span.counts, kind))]
        says.append(f"{span.words}: {', '.join(parts) or 'nothing'}")
    return Plot(way, added([span.counts for span in spans]), chart(stacks), tuple(says), way is IN)


def _number(counts: Counts, kind: Kind) -> int:
    return int(getattr(counts, kind.name))
