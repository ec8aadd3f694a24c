"""Bytes on disk per message, with its order, version, event and delivery, once the database is compact."""

from __future__ import annotations

from pathlib import Path

from benchmarks import hub, intake
from benchmarks.databases import Database


def measure(database: Database, folder: Path, count: int = 20_000) -> dict[str, float]:
    """Bytes per message of `count` messages; the empty database is not counted."""
    made = hub.Hub(database.url, folder)
    empty = database.compact()
    made.start()
    try:
        figures = intake.load(made.target, 64, 0, warmup=0, more=("--count", str(count)))
    finally:
        made.stop()
    if figures["errors"] or figures["messages"] != count:
        raise RuntimeError(f"{figures['messages']} of {count} were accepted: {figures['errors']}")
    return {"messages": count, "bytes_per_message": round((database.compact() - empty) / count, 1)}
