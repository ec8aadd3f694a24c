"""One hub at a time on an SQLite file. What keeps the second out is a lock of the system, which ends with its process
however that ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from officina.errors import Conflict
from officina.store.opening import database_kind, sqlite_path

PATIENCE_S = 2.0  # for one that is just ending


@contextmanager
def sole(url: str) -> Iterator[None]:
    """Raises Conflict if another hub serves the file. PostgreSQL may have several."""
    if database_kind(url) != "sqlite":
        yield
        return
    book = sqlite_path(url)
    # A second, empty file: the book itself stays open to commands and copies.
    with closing(sqlite3.connect(f"{book}-hub", timeout=PATIENCE_S, isolation_level=None)) as lock:
        try:
            lock.execute("PRAGMA journal_mode=MEMORY")  # no third file
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Conflict(
                f"another hub serves the SQLite file {book}",
                place="database_url",
                remedy="stop that hub, or give this one a book of its own; several hubs on one book need PostgreSQL",
                code="book_in_use",
            ) from error
        yield
