"""The exchange: the list of messages as they come, filtered by the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from starlette.responses import Response

from officina.store import connectors, messages
from officina.store import places as book
from officina.store.messages import MessageFilter
from officina.store.rows import MessageRow
from officina.web import chips, labels, moments, news, places
from officina.web.news import MOST, PAGE, News
from officina.web.visit import Visit

NAMES = ("number", "state", "type", "facility", "connector", "when", "since", "until", "place", "patient")
ADDRESS = (*NAMES, "before")  # all that says which list and which page of it
PERIODS: Mapping[str, tuple[str, int]] = {
    "15min": ("Last 15 minutes", 15 * moments.MINUTE),
    "1h": ("Last hour", moments.HOUR),
    "24h": ("Last 24 hours", moments.DAY),
    "7d": ("Last 7 days", 7 * moments.DAY),
    "30d": ("Last 30 days", 30 * moments.DAY),
}
# The first says nothing of what messages say.
FILES = (("CSV", "/messages/export.csv"), ("NDJSON", "/messages/export.ndjson"), ("HL7", "/messages/export.hl7"))
# What partners send most; any other type can be typed.
TYPES = ("RDE^O11", "RDE^O01", "ORM^O01", "OMP^O09", "RDS^O13")


class Row(NamedTuple):
    """A line of the list: the message, and the name of its connector."""

    message: MessageRow
    connector: str


def show(visit: Visit) -> Response:
    """One page of messages, newest first."""
    before = places.number_of(visit.query.get("before", ""))
    rows = listed(visit, before, PAGE + 1)
    query = visit.asked(NAMES)
    names = {each.id: each.name for each in connectors.every(visit.tx)}
    shown = [Row(row, names.get(row.connector_id, "removed")) for row in rows[:PAGE]]
    return visit.page(
        "messages/list.html",
        workspace="exchange",
        place_path="/messages",
        place_query=query,
        rows=shown,
        query=query,
        before=before,
        older=shown[-1].message.id if len(rows) > PAGE else None,
        newest=rows[0].id if rows else 0,
        versions=news.shown((row.message.id, row.message.state) for row in shown),
        chips=_chips(visit, query),
        filtered=any(name != "place" for name in query),
        backwards=_backwards(visit),
        states=[(name, shown.word) for name, shown in labels.MESSAGE_STATES.items()],
        periods=[(name, text) for name, (text, _) in PERIODS.items()],
        types=TYPES,
        facilities=sorted({each.code for each in book.code_mappings(visit.tx) if each.kind == "facility"}),
        connectors=sorted(names.values()),
        files=FILES if visit.session.rights.may("messages.raw") else FILES[:1],
    )


def show_news(visit: Visit) -> Response:
    """How many messages of this list are newer than those shown, and how many of those shown changed their state."""
    after = places.number_of(visit.query.get("after", ""))
    new = len(listed(visit, None, MOST + 1, after=after)) if after is not None else 0
    told = News(new, _changed(visit))
    return visit.piece("messages/news.html", told=told.text, query=visit.asked(ADDRESS))


def _chips(visit: Visit, query: Mapping[str, str]) -> list[chips.Chip]:
    period = PERIODS.get(query.get("when", ""), ("Received between …", 0))[0]
    texts = {
        "number": f"Number {query.get('number', '')}",
        "state": labels.label("message", query.get("state", "")).word,
        "type": query.get("type", ""),
        "facility": f"Facility {query.get('facility', '')}",
        "connector": query.get("connector", ""),
        "when": period,
        "place": places.name_of(visit, query.get("place", "")),
    }
    return chips.of("/messages", query, texts)


def _changed(visit: Visit) -> int:
    before = news.read(visit.query.get("shown", ""))
    now = messages.by_ids(visit.tx, before)
    return news.changed(before, ((row.id, row.state) for row in now if visit.may("messages.read", row.place_id)))


def listed(visit: Visit, before: int | None, limit: int, after: int | None = None) -> list[MessageRow]:
    """The messages the address asks for."""
    return messages.listed(visit.tx, asked_for(visit), before=before, after=after, limit=limit)


def asked_for(visit: Visit) -> MessageFilter:
    """What the address asks for. A number is a control id first, else an order's."""
    wanted, number = wanted_of(visit), visit.query.get("number", "").strip()
    if not number:
        return wanted
    by_control = replace(wanted, control_id=number)
    return by_control if messages.listed(visit.tx, by_control, limit=1) else replace(wanted, order_number=number)


def neighbours(visit: Visit, message_id: int) -> tuple[int | None, int | None]:
    """The next newer and the next older message of the list one came from."""
    newer = listed(visit, None, 1, after=message_id)
    older = listed(visit, message_id, 1)
    return newer[0].id if newer else None, older[0].id if older else None


def wanted_of(visit: Visit) -> MessageFilter:
    """The filters of the address as the store understands them, without the number."""
    query = visit.query
    since, until = _period(visit)
    name = query.get("connector")
    connector = connectors.by_name(visit.tx, name) if name else None
    return MessageFilter(
        state=query.get("state") or None,
        type=query.get("type", "").strip() or None,
        facility_code=query.get("facility", "").strip() or None,
        connector_id=(connector.id if connector else -1) if name else None,
        patient_id=places.number_of(query.get("patient", "")),
        since=since,
        until=until,
        place_ids=places.within(visit, "messages.read"),
    )


def _backwards(visit: Visit) -> bool:
    """Whether the time asked for ends before it begins."""
    since, until = _period(visit)
    return since is not None and until is not None and since >= until


def _period(visit: Visit) -> tuple[int | None, int | None]:
    when = visit.query.get("when", "")
    if when in PERIODS:
        return visit.now - PERIODS[when][1], None
    if when != "between":
        return None, None
    since, until = (moments.local_instant(visit.query.get(name, ""), visit.zone) for name in ("since", "until"))
    return since, until
