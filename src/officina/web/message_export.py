"""The list of messages as a file: what the filters ask for, newest first, without what the messages say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from starlette.responses import Response, StreamingResponse

from officina.actions.access import record_export
from officina.clock import iso
from officina.store import Store, connectors, messages
from officina.store import places as book
from officina.store.messages import MessageFilter
from officina.store.rows import MessageRow
from officina.web.messages import NAMES, asked_for
from officina.web.visit import Visit

PAGE: Final = 500  # rows of one snapshot: a long export holds up nobody
COLUMNS: Final = (
    *("id", "received_at", "direction", "connector", "state", "reason", "type", "version", "control_id", "sender"),
    *("facility_code", "place", "acknowledgement", "handed_over", "repeats", "bytes", "findings"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def download(visit: Visit) -> Response:
    """All of them as CSV, page by page while they are read."""
    wanted = asked_for(visit)
    note = partial(record_export, filters=visit.asked(NAMES), actor=visit.session.actor, at=visit.now)
    visit.accesses.append(note)
    names = {each.id: each.name for each in connectors.every(visit.tx)}
    line = _line_of(names, {each.id: each.code for each in book.every(visit.tx)})
    rows = _rows(visit.services.store, wanted)
    headers = {"Content-Disposition": 'attachment; filename="messages.csv"'}
    return StreamingResponse(_csv(map(line, rows)), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(store: Store, wanted: MessageFilter) -> Iterator[MessageRow]:
    before: int | None = None
    while True:
        with store.read() as tx:
            page = messages.listed(tx, wanted, before=before, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        before = page[-1].id


def _line_of(names: dict[int, str], places: dict[int, str]) -> Callable[[MessageRow], tuple[object, ...]]:
    def line(row: MessageRow) -> tuple[object, ...]:
        return (
            *(row.id, iso(row.received_at), row.direction, names.get(row.connector_id, ""), row.state, row.reason),
            *(row.type, row.version, row.control_id, row.sender, row.facility_code, places.get(row.place_id or 0, "")),
            *(row.ack_code, row.ack_outcome, row.duplicate_of or "", row.size, row.findings),
        )

    return line


def _csv(lines: Iterable[tuple[object, ...]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([_harmless(each) for each in line])
        if text.tell() > 32_768:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _harmless(value: object) -> object:
    """A sender's text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
