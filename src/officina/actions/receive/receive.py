"""Receive: a batch of messages in one transaction, then each one's answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from officina.actions.receive.book import Book
from officina.actions.receive.keep import Kept, keep, keep_failed
from officina.actions.receive.reading import Reading
from officina.outbound.subscription import Subscription
from officina.store import Tx

log = logging.getLogger("officina.receive")

Results = list[tuple[Reading, "Kept | Exception"]]


class Receive:
    """The group commit's batch of incoming messages (`officina.store.Batch`).

    ``subscriptions`` gives those in force at the moment; ``done`` is told every result, on the writer's thread.
    """

    def __init__(self, subscriptions: Callable[[], Sequence[Subscription]], done: Callable[[Results], None]) -> None:
        self._subscriptions = subscriptions
        self._done = done

    def run(self, tx: Tx, items: Sequence[Reading]) -> list[Kept]:
        """Keep every message; raises if one of them cannot be kept, and then nothing of the batch is."""
        found = [len(each.findings) for each in items]
        try:
            book = Book(tx, items)
            subscriptions = self._subscriptions()
            kept = [keep(book, each, subscriptions) for each in items]
            book.write()
        except Exception:
            for each, count in zip(items, found, strict=True):  # it will be tried again: what was found is found anew
                del each.findings[count:]
            raise
        return kept

    def failed(self, tx: Tx, item: Reading, error: Exception) -> Kept:
        """The message met a defect: it is kept as failed, and its sender may send it again."""
        log.error("A message could not be processed.", exc_info=error)
        book = Book(tx, [])
        kept = keep_failed(book, item, error)
        book.write()
        return kept

    def done(self, results: Results) -> None:
        self._done(results)
