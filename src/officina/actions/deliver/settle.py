"""What an attempt came to, entered in the book: the attempt, and where the delivery stands now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from officina.actions.deliver.outgoing import Outgoing
from officina.actions.leases import Fence, overtaken
from officina.errors import Conflict
from officina.store import deliveries
from officina.store.rows import AttemptRow
from officina.workflow.delivery import Limits, Result, Ruling, after

if TYPE_CHECKING:
    from officina.store import Tx


class Attempt(NamedTuple):
    """One sending. ``at`` is when it began, ``took`` microseconds; ``limits`` are its connector's, ``fence`` is the
    right under which it was sent.
    """

    outgoing: Outgoing
    connector_id: int
    at: int
    took: int
    result: Result
    code: str
    accept_code: str
    text: str
    answer: bytes
    accept_answer: bytes
    limits: Limits
    fence: Fence

    @property
    def ruling(self) -> Ruling:
        """What becomes of the delivery."""
        out = self.outgoing
        age = self.at + self.took - out.queued_at
        return after(self.result, attempts=out.attempts - out.spent + 1, age=age, limits=self.limits)


class Overtaken(Conflict):
    """Another hub sends for this connector since; what it enters counts."""

    code = "overtaken"


_OVERTAKEN: Final = Overtaken("another hub sends for this connector now")

Settled = list[tuple[Attempt, "int | Exception"]]


class Settle:
    """The group commit's batch of attempts (`officina.store.Batch`); ``done`` is told each, on the writer's thread."""

    def __init__(self, done: Callable[[Settled], None]) -> None:
        self._done = done

    def run(self, tx: Tx, items: Sequence[Attempt]) -> list[int | Exception]:
        """Enter them; the id of each, or that another hub has overtaken this one."""
        lost = overtaken(tx, {each.fence for each in items})
        entered = iter(self._entered(tx, [each for each in items if each.fence not in lost]))
        return [_OVERTAKEN if each.fence in lost else next(entered) for each in items]

    def _entered(self, tx: Tx, items: Sequence[Attempt]) -> list[int]:
        rows, changes = [], []
        for number, each in zip(tx.ids(len(items)), items, strict=False):
            out, ruling = each.outgoing, each.ruling
            rows.append(
                AttemptRow(
                    number,
                    out.delivery_id,
                    out.attempts + 1,
                    out.message_id,
                    each.at,
                    each.took,
                    each.result,
                    each.code,
                    each.accept_code,
                    each.text,
                    each.answer,
                    each.accept_answer,
                )
            )
            change = {"id": out.delivery_id, "state": ruling.state, "attempts": out.attempts + 1}
            changes.append({**change, "reason": ruling.reason})
        deliveries.insert_attempts(tx, rows)
        deliveries.update(tx, changes)
        tx.touch("deliveries")
        return [row.id for row in rows]

    def failed(self, tx: Tx, item: Attempt, error: Exception) -> int:
        """One that cannot be entered is tried again by whoever sent it: the receiver has its message."""
        raise error

    def done(self, results: Settled) -> None:
        self._done(results)
