"""`officina prune`: remove what is older than its connector keeps, now instead of within the hour."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from officina.runtime.pruning import Pruned
    from officina.workflow.retention import Need

PAUSE_S: Final = 0.01


def prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go, and what is kept and why.")
    ] = False,
) -> None:
    """Remove messages that are older than their connector keeps them. Running hubs do so every hour by themselves."""
    from officina import clock
    from officina.cli.book import opened
    from officina.runtime import pruning

    with opened() as store:
        found = pruning.prune(store, clock.now, trial=dry_run, go=_breathe)
    if not found:
        print("Every connector keeps its messages for ever: see keep_bodies_days and keep_metadata_days.")
    for pruned in found:
        print("\n".join(_lines(pruned, "would go" if dry_run else "gone")))


def _breathe() -> bool:
    """A hub that runs beside it gets at the book between two commits."""
    time.sleep(PAUSE_S)
    return True


def _lines(pruned: Pruned, gone: str) -> list[str]:
    row = pruned.connector
    lines = [f"{row.name}:"]
    if row.keep_bodies_days is not None:
        lines.append(f"  what messages said, after {row.keep_bodies_days} days: {pruned.bodies:,} {gone}")
        lines += _kept(pruned.bodies_kept)
    if row.keep_metadata_days is not None:
        lines.append(f"  messages, after {row.keep_metadata_days} days: {pruned.messages:,} {gone}")
        lines += _kept(pruned.messages_kept)
    return lines


def _kept(needed: Counter[Need]) -> list[str]:
    from officina.workflow.retention import NEEDS

    return [f"    {count:,} kept: {NEEDS[need]}" for need, count in sorted(needed.items())]
