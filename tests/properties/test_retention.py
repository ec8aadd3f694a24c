"""Whatever comes, waits, fails and is settled, and whenever pruning runs: what is still needed stays, all else goes.

A model of one connector's messages runs beside the real book.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from itertools import count, cycle
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from tests.support.book import Site, add_site, message_row

from officina.actions import retention as pruned_by
from officina.packed import Like, pack
from officina.runtime import pruning
from officina.store import Tx, deliveries, intake, migrate, open_store, schema
from officina.store.rows import AttemptRow, BodyRow, DeliveryRow, EventRow
from officina.workflow.retention import DAY

pytestmark = pytest.mark.timeout(900)
STATES = st.sampled_from(["accepted", "accepted", "parked", "failed", "ignored", "rejected"])
DELIVERIES = st.sampled_from(["queued", "failed", "delivered", "deleted"])
LINKS = st.sets(st.sampled_from(["sends", "told", "tried"]), max_size=3)
SMALL_PAGE = 3


@dataclass
class Model:
    """A message as the model has it; ``owed`` are the states of the deliveries that need it."""

    at: int
    state: str
    owed: dict[int, str] = field(default_factory=dict)
    body: bool = True

    @property
    def needed(self) -> bool:
        return self.state in ("parked", "failed") or any(each in ("queued", "failed") for each in self.owed.values())


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / 'template.db'}")
    return folder / "template.db"


class Pruning(RuleBasedStateMachine):
    """``now`` is a day. Pages are small, so that few messages are several of them."""

    lives = count()

    @initialize(bodies=st.sampled_from([None, 1, 10]), metadata=st.sampled_from([None, 10, 30]))
    def open(self, bodies: int | None, metadata: int | None) -> None:
        self.path = _template().with_name(f"{next(self.lives)}.db")
        shutil.copy(_template(), self.path)
        self.store = open_store(f"sqlite:///{self.path}")
        self.page, pruned_by.PAGE = pruned_by.PAGE, SMALL_PAGE
        self.now, self.days = 1000, (metadata if bodies is None else bodies, metadata)
        self.messages: dict[int, Model] = {}
        with self.store.write() as tx:
            self.site: Site = add_site(tx)
        self.limit(*self.days)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            pruned_by.PAGE = self.page
            self.store.close()
            self.path.unlink()

    def limit(self, bodies: int | None, metadata: int | None) -> None:
        self.days = bodies, metadata
        values = {"keep_bodies_days": bodies, "keep_metadata_days": metadata}
        with self.store.write() as tx:
            tx.update(schema.connector, [{"id": self.site.connector, **values}])

    @rule(states=st.lists(st.tuples(STATES, LINKS, DELIVERIES), min_size=1, max_size=8))
    def some_come(self, states: list[tuple[str, set[str], str]]) -> None:
        with self.store.write() as tx:
            for state, links, delivery in states:
                self._one(tx, state, links, delivery)

    def _one(self, tx: Tx, state: str, links: set[str], delivery: str) -> None:
        row = message_row(tx, self.site, received_at=self.now * DAY, state=state)
        intake.insert_messages(tx, [row])
        intake.insert_bodies(tx, [BodyRow(row.id, pack(b"MSH|", Like.MESSAGE), b"MSA|", "[]")])
        model = self.messages[row.id] = Model(self.now, state)
        if not links:
            return
        event_id = tx.id()
        caused = row.id if "told" in links else None
        intake.insert_events(
            tx, [EventRow(event_id, 0, "order.created", "order", 1, "system", None, None, caused, None)]
        )
        sends = row.id if "sends" in links else None
        owed = DeliveryRow(tx.id(), event_id, 1, self.site.connector, "", delivery, 0, message_id=sends)
        intake.insert_deliveries(tx, [owed])
        if "tried" in links:
            tried = AttemptRow(tx.id(), owed.id, 1, row.id, 0, 1, "rejected", "AR", "", "", b"")
            deliveries.insert_attempts(tx, [tried])
        model.owed[owed.id] = delivery

    @rule(decided=st.booleans(), settled=st.lists(st.one_of(DELIVERIES, st.just("delivered")), min_size=1))
    def some_are_settled(self, decided: bool, settled: list[str]) -> None:
        """People decide about messages; deliveries leave their queues, or come back from the error queue."""
        to = cycle(settled)
        with self.store.write() as tx:
            for message_id, model in self.messages.items():
                if decided and model.state in ("parked", "failed"):
                    model.state = "accepted"
                    intake.update_messages(tx, [{"id": message_id, "state": "accepted"}])
                for number, state in model.owed.items():
                    if state in ("queued", "failed"):
                        model.owed[number] = next(to)
                        deliveries.update(tx, [{"id": number, "state": model.owed[number]}])

    @rule(bodies=st.integers(1, 40), more=st.one_of(st.none(), st.integers(0, 40)))
    def other_days_are_wanted(self, bodies: int, more: int | None) -> None:
        self.limit(bodies, None if more is None else bodies + more)

    @rule(days=st.sampled_from([0, 1, 11, 11, 31, 31]), stops_after=st.one_of(st.none(), st.integers(0, 4)))
    def time_passes_and_pruning_runs(self, days: int, stops_after: int | None) -> None:
        self.now += days
        turns = count()
        trial = pruning.prune(self.store, lambda: self.now * DAY, trial=True) if stops_after is None else None
        found = pruning.prune(
            self.store, lambda: self.now * DAY, lambda: stops_after is None or next(turns) < stops_after
        )
        if stops_after is None:
            assert trial == found
            assert [(each.bodies, each.messages) for each in found] == self._expect_all_that_may_go()
        else:
            self._expect_no_more()

    def _expect_all_that_may_go(self) -> list[tuple[int, int]]:
        """How many bodies, and messages, those are."""
        bodies, metadata = self.days
        if bodies is None:
            return []
        silenced = [each for each in self.messages.values() if each.body and self._may_go(each, bodies)]
        for each in silenced:
            each.body = False
        old = [] if metadata is None else [n for n, each in self.messages.items() if self._may_go(each, metadata)]
        old = [number for number in old if number != max(self.messages)]
        for number in old:
            del self.messages[number]
        return [(len(silenced), len(old))]

    def _may_go(self, each: Model, days: int) -> bool:
        return self.now - each.at > days and not each.needed

    def _expect_no_more(self) -> None:
        """It was stopped, so some are still there that might have gone; the model follows the book from here."""
        bodies, metadata = self.days
        there, whole = self._book()
        for number, each in list(self.messages.items()):
            if number not in there:
                assert metadata is not None
                assert self.now - each.at > metadata
                assert not each.needed
                del self.messages[number]
            elif number not in whole and each.body:
                assert bodies is not None
                assert self.now - each.at > bodies
                assert not each.needed
                each.body = False

    def _book(self) -> tuple[set[int], set[int]]:
        with self.store.read() as tx:
            there = {row[0] for row in tx.execute(select(schema.message.c.id))}
            return there, {row[0] for row in tx.execute(select(schema.message_body.c.message_id))}

    @invariant()
    def the_book_has_what_the_model_has(self) -> None:
        if hasattr(self, "store"):
            there, whole = self._book()
            assert there == set(self.messages)
            assert whole == {number for number, each in self.messages.items() if each.body}


Pruning.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestPruning = Pruning.TestCase
