"""The pages of an export: each is read from a snapshot of its own, and its audit line is committed before it leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from officina.actions.access import record_export
from officina.actions.export.forms import FORMS, Form, Taken
from officina.store import connectors, messages, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from officina.store import Store
    from officina.store.messages import MessageFilter
    from officina.store.rows import MessageRow
    from officina.workflow.rights import Rights

PAGE: Final = 100  # messages: a long export holds up nobody, and no more of it than this is in memory


def export(
    store: Store, name: str, wanted: MessageFilter, *, rights: Rights, actor: str, clock: Callable[[], int]
) -> Iterator[bytes]:
    """The file in one of the `FORMS`. Blocks, so it runs in a thread; whoever stops reading stops it.

    ``wanted`` has the places whose messages may be seen; content goes along where ``rights`` include reading it.
    """
    form = FORMS[name]()
    with store.read() as tx:
        named = {row.id: row.name for row in connectors.every(tx)}
        coded = {row.id: row.code for row in places.every(tx)}
    yield form.begin(clock())
    for rows in _forwards(store, wanted) if form.forwards else _backwards(store, wanted):
        raw = _content(store, form, rows, rights)
        note = partial(record_export, form=name, wanted=wanted, rows=rows, read=raw.keys(), actor=actor, at=clock())
        store.writer.submit(note).result()
        page = (Taken(row, named.get(row.connector_id, ""), coded.get(row.place_id or 0, "")) for row in rows)
        yield b"".join(form.one(each._replace(raw=raw.get(each.row.id))) for each in page)
    yield form.end()


def _content(store: Store, form: Form, rows: Sequence[MessageRow], rights: Rights) -> dict[int, bytes]:
    if not form.content:
        return {}
    with store.read() as tx:
        return messages.raw(tx, [row.id for row in rows if rights.may("messages.raw", row.place_id)])


def _backwards(store: Store, wanted: MessageFilter) -> Iterator[list[MessageRow]]:
    before: int | None = None
    while page := _page(store, wanted, PAGE, before=before):
        yield page
        before = page[-1].id


def _forwards(store: Store, wanted: MessageFilter) -> Iterator[list[MessageRow]]:
    """Up to what was the newest at the beginning: what comes meanwhile does not make it endless."""
    newest = _page(store, wanted, 1)
    last, after = newest[0].id if newest else 0, 0
    while after < last:
        page = [row for row in reversed(_page(store, wanted, PAGE, after=after)) if row.id <= last]
        if not page:
            return
        yield page
        after = page[-1].id


def _page(
    store: Store, wanted: MessageFilter, limit: int, *, before: int | None = None, after: int | None = None
) -> list[MessageRow]:
    with store.read() as tx:
        return messages.listed(tx, wanted, before=before, after=after, limit=limit)
