"""One run of pruning: connector by connector, in small commits with pauses between them, so that intake never waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from officina.actions import retention
from officina.actions.retention import Step, Walk
from officina.store import Store, Tx, connectors
from officina.store.site import ConnectorRow
from officina.store.space import give_back
from officina.workflow.retention import Need, until

SPACE_PAGES: Final = 200  # given back in one commit

Go = Callable[[], bool]  # called between two commits; whether to go on


@dataclass(slots=True)
class Pruned:
    """What went of one connector (or would), and what the rest of what is old is needed for."""

    connector: ConnectorRow
    bodies: int = 0
    messages: int = 0
    bodies_kept: Counter[Need] = field(default_factory=Counter)
    messages_kept: Counter[Need] = field(default_factory=Counter)


def prune(store: Store, clock: Callable[[], int], go: Go = lambda: True, *, trial: bool = False) -> list[Pruned]:
    """Remove what is older than its connector wants; of each connector with a limit, what went. Blocks.

    ``trial``: only count. It ends early once ``go`` says no; what went by then is told all the same.
    """
    with store.read() as tx:
        rows = connectors.every(tx)
    found: list[Pruned] = []
    for row in rows:
        if (row.keep_bodies_days, row.keep_metadata_days) == (None, None):
            continue
        pruned = Pruned(row)
        found.append(pruned)
        went_on = _prune(store, pruned, clock(), go, trial)
        if not trial and (pruned.bodies or pruned.messages):
            _conclude(store, pruned, clock())
        if not went_on:
            return found
    if not trial:
        _give_back(store, go)
    return found


def _prune(store: Store, pruned: Pruned, now: int, go: Go, trial: bool) -> bool:
    """Whether it came to its end."""
    row = pruned.connector
    if row.keep_bodies_days is not None:
        walk = Walk(row.id, until(row.keep_bodies_days, now), now, trial)
        for work in (retention.left_step, retention.bodies_step):
            for step in _steps(store, work, walk):
                pruned.bodies += step.gone
                pruned.bodies_kept += step.kept
                if not go():
                    return False
    if row.keep_metadata_days is not None:
        walk = Walk(row.id, until(row.keep_metadata_days, now), now, trial)
        for step in _steps(store, retention.messages_step, walk):
            pruned.messages += step.gone
            pruned.messages_kept += step.kept
            if not go():
                return False
    return True


def _steps(store: Store, work: Callable[..., Step], walk: Walk) -> Iterator[Step]:
    step = _run(store, partial(work, walk=walk), walk.trial)
    yield step
    while step.after is not None:
        step = _run(store, partial(work, walk=walk, after=step.after), walk.trial)
        yield step


def _run(store: Store, work: Callable[[Tx], Step], trial: bool) -> Step:
    if not trial:
        return store.writer.submit(work).result()
    with store.read() as tx:
        return work(tx)


def _conclude(store: Store, pruned: Pruned, at: int) -> None:
    told = partial(
        retention.conclude,
        connector_id=pruned.connector.id,
        bodies=pruned.bodies,
        messages=pruned.messages,
        kept=pruned.bodies_kept,
        at=at,
    )
    store.writer.submit(told).result()


def _give_back(store: Store, go: Go) -> None:
    while go() and store.writer.submit(partial(give_back, pages=SPACE_PAGES)).result():
        pass
