"""Giving the space of what was removed back to the disk. PostgreSQL does it itself, and fills what it keeps anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from officina.store.tx import Tx

# Of a file so much stays free for the messages that come next: they would only make it grow again.
SPARE = 0.1


def give_back(tx: Tx, pages: int) -> int:
    """Shrink the file by at most so many of its free pages; how many they were. 0 where nothing can be given back."""
    if tx.link.dialect.name != "sqlite":
        return 0
    free, total = _pragma(tx, "freelist_count"), _pragma(tx, "page_count")
    wanted = min(pages, free - int(total * SPARE))
    for _ in range(wanted):  # Python steps the statement but once, which gives back one page whatever it asks for
        tx.link.rows("PRAGMA incremental_vacuum(1)", {})
    return free - _pragma(tx, "freelist_count")


def _pragma(tx: Tx, name: str) -> int:
    return int(tx.link.rows(f"PRAGMA {name}", {})[0][0])
