"""Whatever a receiver, the book, people and the power do: no message is lost, none passes another, none goes twice.

A model of one connector's queue runs beside the real courier and the real book. Twice goes only what was resubmitted,
and what was answered in the moments before a crash and not entered yet.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.outbox import Outbox
from tests.support.samples import rde_o11

from officina.actions import deliver
from officina.outbound.subscription import Lanes, lanes_of
from officina.runtime.courier import AHEAD
from officina.store import deliveries, migrate
from officina.wire import er7
from officina.workflow.delivery import Limits, Result

pytestmark = pytest.mark.timeout(900)  # Hypothesis looks for the shortest story of a failure for up to five minutes
RESULTS = st.sampled_from(get_args(Result))
# Mostly well, so that queues move; at times one answer for all, so that many results or many failures meet.
ANSWERS = st.one_of(
    st.lists(st.one_of(st.just("accepted"), st.just("accepted"), RESULTS), min_size=1, max_size=12),
    st.sampled_from(["accepted", "rejected"]).map(lambda result: [result] * 12),
    RESULTS.map(lambda result: [result]),
)
STAYING = st.lists(st.sampled_from(["error", "bad_answer"]), min_size=1, max_size=3)
PATIENTS = st.sampled_from(["patient", "patient 1", "patient 2", "patient 3"])
ORDERS = st.sampled_from(["order 1", "order 2", "order 3"])
LANES: dict[Lanes, st.SearchStrategy[str]] = {"none": st.just(""), "patient": PATIENTS, "order": ORDERS}
ELSEWHERE = 10**6  # a connector of which nobody sends
ANN = {"actor": "person:ann", "at": 1}


@dataclass
class Item:
    """What must be true of one delivery."""

    id: int
    lane: str
    state: str = "queued"
    reason: str = ""
    rank: int = 0
    results: list[str] = field(default_factory=list)
    spent: int = 0
    edits: int = 0
    resubmitted: bool = False

    @property
    def lanes(self) -> str:
        """What the connector kept in order when it was made."""
        return lanes_of(self.lane)

    def stays_behind(self, other: Item) -> bool:
        """Whether what is before it in the queue has to go before it."""
        return other.place < self.place and (other.lane == self.lane or other.lanes != self.lanes)

    @property
    def place(self) -> tuple[int, int]:
        return self.rank, self.id


@cache
def _template() -> Path:
    """An empty book, made once."""
    folder = Path(tempfile.mkdtemp(prefix="officina-queue-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "template.db"
    migrate(f"sqlite:///{path}")
    return path


class Queue(RuleBasedStateMachine):
    """The rules of one connector whose deliveries are in no lanes."""

    lanes: Lanes = "none"

    @initialize(attempts=st.sampled_from([0, 0, 3]), doubtful=st.booleans())
    def begin(self, attempts: int, doubtful: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="officina-queue-"))
        self.limits = Limits(attempts, 0, doubtful)
        self.outbox = Outbox(_template(), self.folder, self.limits)
        self.outbox.lanes = self.lanes
        self.outbox.restart()
        self.other_lanes = 0  # deliveries up to this one may be of lanes that the connector had before
        self.items: dict[int, Item] = {}
        self.messages: dict[str, int] = {}
        self.held: set[str] = set()  # lanes that wait
        self.unentered: dict[int, Item] = {}  # what was answered while the book was held, as it was before
        self.told: list[tuple[int, str]] = []  # what the receiver was sent and said, in order
        self.seen = 0
        self.outbox.queue([""], ELSEWHERE)

    def teardown(self) -> None:
        """In the end the receiver takes everything, and has had everything."""
        if not hasattr(self, "outbox"):
            return
        try:
            self._finish()
        finally:
            self.outbox.close()
            shutil.rmtree(self.folder)

    # --- what happens ------------------------------------------------------------------------------------------

    def writable(self) -> bool:
        return not self.outbox.held

    @precondition(writable)
    @rule(data=st.data(), count=st.sampled_from([1, 2, 3, 12]))
    def messages_come(self, data: st.DataObject, count: int) -> None:
        self._come(data, count)

    def _come(self, data: st.DataObject, count: int) -> None:
        lanes = [data.draw(LANES[self.lanes]) for _ in range(count)]
        ids = self.outbox.queue(lanes)
        rows = self.outbox.read(lambda tx: deliveries.by_ids(tx, ids))
        self.items |= {number: Item(number, lane) for number, lane in zip(ids, lanes, strict=True)}
        self.messages |= {f"C{row.message_id}": row.id for row in rows.values()}

    @rule(results=ANSWERS)
    def the_receiver_answers(self, results: list[Result]) -> None:
        for result in results:
            self.what_is_sent_may_be_sent()
            if self.outbox.asked is None:
                return
            self._answered(self.items[self._named(self.outbox.asked)], result)
            self.outbox.answer(result)

    @rule()
    def time_passes(self) -> None:
        self.held.clear()
        self.outbox.pass_time()

    @precondition(writable)
    @rule()
    def the_book_is_slow(self) -> None:
        self.outbox.hold()

    @precondition(lambda self: self.outbox.held)
    @rule()
    def the_book_goes_on(self) -> None:
        self.unentered.clear()
        self.outbox.release()

    @rule()
    def the_power_fails(self) -> None:
        self.items |= self.unentered
        self.told = [each for each in self.told if each[0] not in self.unentered]
        self.unentered.clear()
        self._begun()
        self.outbox.crash()

    @precondition(writable)
    @rule()
    def the_hub_restarts(self) -> None:
        self._begun()
        self.outbox.restart()

    @precondition(lambda self: self.outbox.active and not self.outbox.held)
    @rule()
    def it_is_suspended(self) -> None:
        self.outbox.suspend()

    @precondition(lambda self: not self.outbox.active and not self.outbox.held)
    @rule()
    def it_is_resumed(self) -> None:
        self._begun()
        self.outbox.resume()

    def has_failed(self) -> bool:
        return not self.outbox.held and bool(self._in("failed"))

    @precondition(has_failed)
    @rule(data=st.data(), front=st.booleans(), edited=st.booleans())
    def one_is_resubmitted(self, data: st.DataObject, front: bool, edited: bool) -> None:
        item = data.draw(st.sampled_from(self._in("failed")))
        item.edits += edited
        payload = self._payload(item) if edited else None
        self._requeued(item, rank=-1 if front else 0)
        self.outbox.write(lambda tx: deliver.resubmit(tx, item.id, payload=payload, front=front, **ANN))

    @precondition(has_failed)
    @rule()
    def all_are_resubmitted(self) -> None:
        for item in self._in("failed"):
            self._requeued(item)
        self.outbox.write(lambda tx: deliver.resubmit_all(tx, self.outbox.site.connector, **ANN))

    @precondition(has_failed)
    @rule(data=st.data())
    def one_is_deleted(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(self._in("failed")))
        item.state = "deleted"
        self.outbox.write(lambda tx: deliver.delete(tx, item.id, reason="sent by fax", **ANN))

    # --- what must be true -------------------------------------------------------------------------------------

    @invariant()
    def what_is_sent_may_be_sent(self) -> None:
        if not hasattr(self, "outbox") or len(self.outbox.received) == self.seen:
            return
        [sent] = self.outbox.received[self.seen :]
        self.seen += 1
        item = self.items[self._named(sent)]
        assert sent == self._payload(item)
        assert item.state == "queued"
        assert not self._waits(item)
        assert [each for each in self._in("queued") if item.stays_behind(each)] == []

    @invariant()
    def what_may_be_sent_is_sent(self) -> None:
        if not hasattr(self, "outbox") or self.outbox.held:
            return
        due = [item for item in self._in("queued") if not self._waits(item)]
        in_one_line = [item for item in self._in("queued") if item.id <= self.other_lanes]
        if not in_one_line:
            assert (self.outbox.asked is not None) == (self.outbox.active and bool(due))

    @invariant()
    def little_waits_for_the_book(self) -> None:
        assert len(getattr(self, "unentered", ())) <= AHEAD

    @invariant()
    def the_book_agrees(self) -> None:
        if not hasattr(self, "outbox") or self.outbox.held:
            return
        rows = self.outbox.read(lambda tx: deliveries.by_ids(tx, self.items))
        found = {row.id: (row.state, row.reason, row.attempts) for row in rows.values()}
        assert found == {each.id: (each.state, each.reason, len(each.results)) for each in self.items.values()}
        listed = self.outbox.read(lambda tx: deliveries.listed(tx, state="failed", limit=500))
        assert [row.id for row in reversed(listed)] == [item.id for item in self._in("failed")]

    # --- the model ---------------------------------------------------------------------------------------------

    def _answered(self, item: Item, result: Result) -> None:
        if self.outbox.held:
            self.unentered.setdefault(item.id, replace(item, results=list(item.results)))
        self.told.append((item.id, result))
        item.results.append(result)
        item.state, item.reason = self._ruled(item, result)
        if item.state == "queued":
            self.held.add("" if result == "unreachable" else item.lane)

    def _ruled(self, item: Item, result: Result) -> tuple[str, str]:
        if result == "accepted":
            return "delivered", ""
        if result in ("rejected", "unsendable"):
            return "failed", result
        if result in ("no_answer", "bad_answer") and not self.limits.doubtful:
            return "failed", "doubtful"
        if result != "unreachable" and self.limits.attempts and len(item.results) - item.spent >= self.limits.attempts:
            return "failed", "too_many_attempts"
        return "queued", ""

    def _requeued(self, item: Item, rank: int = 0) -> None:
        item.state, item.reason, item.rank, item.resubmitted = "queued", "", rank, True
        item.spent = len(item.results)

    def _begun(self) -> None:
        """A courier begins: it waits for nothing."""
        self.held.clear()

    def _waits(self, item: Item) -> bool:
        return item.lane in self.held or "" in self.held

    def _in(self, state: str) -> list[Item]:
        return sorted((item for item in self.items.values() if item.state == state), key=lambda item: item.id)

    def _named(self, raw: bytes) -> int:
        return self.messages[er7.parse(raw).get("MSH-10")]

    def _payload(self, item: Item) -> bytes:
        control_id = next(name for name, number in self.messages.items() if number == item.id)
        return rde_o11(control_id=control_id, **({"family": f"Edited{item.edits}"} if item.edits else {}))

    def _finish(self) -> None:
        if self.outbox.held:
            self.the_book_goes_on()
        if not self.outbox.active:
            self.it_is_resumed()
        self.time_passes()
        self.the_receiver_answers(["accepted"] * (len(self._in("queued")) + 1))
        assert self._in("queued") == []
        self.the_book_agrees()
        taken = [number for number, result in self.told if result == "accepted"]
        assert sorted(taken) == [item.id for item in self._in("delivered")]
        straight = [self.items[number] for number in dict.fromkeys(taken) if not self.items[number].resubmitted]
        for place, item in enumerate(straight):
            assert [later for later in straight[place:] if item.stays_behind(later)] == []
        [elsewhere] = self.outbox.read(lambda tx: deliveries.head(tx, ELSEWHERE))
        assert elsewhere.attempts == 0


class QueueInLanes(Queue):
    """The same for a connector that keeps only what concerns one patient in order."""

    lanes = "patient"


class QueueOfOtherLanes(Queue):
    """The same for a connector whose lanes are changed while deliveries wait: what waited goes first."""

    @precondition(lambda self: self.outbox.active and not self.outbox.held)
    @rule(data=st.data(), lanes=st.sampled_from(get_args(Lanes)), results=STAYING)
    def the_lanes_are_changed(self, data: st.DataObject, lanes: Lanes, results: list[Result]) -> None:
        """While messages come, before and after, and some of those before are still not taken."""
        self.outbox.suspend()
        self._come(data, 2)
        self.lanes = self.outbox.lanes = lanes
        self.other_lanes = max(self.items)
        self._come(data, 2)
        self._begun()
        self.outbox.resume()
        self.the_receiver_answers(results)


SETTINGS = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestQueue = Queue.TestCase
TestQueue.settings = SETTINGS
TestQueueInLanes = QueueInLanes.TestCase
TestQueueInLanes.settings = SETTINGS
TestQueueOfOtherLanes = QueueOfOtherLanes.TestCase
TestQueueOfOtherLanes.settings = settings(SETTINGS, max_examples=100)
