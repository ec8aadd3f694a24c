"""The courier keeps the order whatever the clock, the book and people do meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from tests.support.book import AT
from tests.support.outbox import Outbox

from officina.actions import deliver
from officina.errors import Gone
from officina.outbound.subscription import Lanes
from officina.runtime.courier import AHEAD
from officina.store import deliveries, events, migrate
from officina.store.schema import message_body
from officina.workflow.delivery import Limits

LANE_OF: dict[Lanes, str] = {"none": "", "patient": "patient 1", "order": "order 7"}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    template = tmp_path / "template.db"
    migrate(f"sqlite:///{template}")
    made = Outbox(template, tmp_path)
    yield made
    made.close()


def with_lanes(outbox: Outbox, lanes: Lanes) -> None:
    """The setting of the connector is changed: it gets another courier."""
    outbox.lanes = lanes
    outbox.suspend()
    outbox.resume()


def numbers(outbox: Outbox, ids: list[int]) -> list[int]:
    """What was received, as positions in ``ids``."""
    found = outbox.read(lambda tx: deliveries.by_ids(tx, ids))
    control_ids = [f"|C{found[each].message_id}|".encode() for each in ids]
    return [next(i for i, own in enumerate(control_ids) if own in raw) for raw in outbox.received]


def test_a_wait_that_ends_while_another_lane_is_slow_lets_nothing_pass(outbox: Outbox) -> None:
    with_lanes(outbox, "patient")
    ids = outbox.queue(["patient 1", "patient 2", "patient 1", "patient 2"])
    outbox.answer("error")
    outbox.pass_time()  # the receiver takes that long for the first of b
    for _ in range(4):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 1, 3, 0, 2]


def test_a_wait_that_ends_before_the_book_is_written_lets_nothing_pass(outbox: Outbox) -> None:
    ids = outbox.queue([""] * 10)
    outbox.hold()
    for _ in range(AHEAD - 1):
        outbox.answer("accepted")
    outbox.answer("error")
    outbox.pass_time()
    outbox.release()
    for _ in range(3):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9]


def test_no_more_than_eight_results_wait_for_the_book(outbox: Outbox) -> None:
    ids = outbox.queue([""] * 20)
    outbox.hold()
    while outbox.asked is not None:
        outbox.answer("accepted")
    assert numbers(outbox, ids) == list(range(AHEAD))
    outbox.crash()
    while outbox.asked is not None:
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [*range(AHEAD), *range(20)]


def test_a_receiver_that_is_away_is_asked_once_however_many_lanes_wait(outbox: Outbox) -> None:
    with_lanes(outbox, "patient")
    ids = outbox.queue(["patient 1", "patient 2", "patient 3"])
    outbox.answer("unreachable")
    assert outbox.asked is None
    assert outbox.courier.waiting is not None
    ids += outbox.queue(["patient 4"])
    assert outbox.asked is None
    outbox.pass_time()
    outbox.answer("unreachable")
    assert outbox.courier.waiting.failures == 2
    outbox.pass_time()
    for _ in range(4):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 0, 0, 1, 2, 3]
    assert outbox.courier.waiting is None


def test_what_a_person_puts_first_goes_after_the_one_under_way(outbox: Outbox) -> None:
    ids = outbox.queue([""] * 10)
    outbox.answer("rejected")
    outbox.write(lambda tx: deliver.resubmit(tx, ids[0], actor="person:ann", at=1, front=True))
    while outbox.asked is not None:
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 1, 0, *range(2, 10)]


@pytest.mark.parametrize(
    ("before", "after"),
    [("none", "patient"), ("patient", "none"), ("patient", "order"), ("order", "patient")],
)
def test_what_waits_in_the_lanes_of_before_goes_before_those_of_now(
    outbox: Outbox, before: Lanes, after: Lanes
) -> None:
    with_lanes(outbox, before)
    ids = outbox.queue([LANE_OF[before]])
    outbox.answer("error")
    with_lanes(outbox, after)
    ids += outbox.queue([LANE_OF[after]])
    outbox.answer("error")
    assert outbox.asked is None
    outbox.pass_time()
    for _ in range(2):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 0, 0, 1]


def test_lanes_changed_to_and_fro_leave_one_line_until_all_of_it_is_out(outbox: Outbox) -> None:
    ids = []
    for lanes in ("patient", "order", "patient"):
        with_lanes(outbox, lanes)
        ids += outbox.queue([LANE_OF[lanes]])
        outbox.answer("error")
    ids += outbox.queue(["patient 2"])
    assert outbox.asked is None
    outbox.pass_time()
    outbox.answer("error")
    assert outbox.courier.waiting is not None
    assert outbox.courier.waiting.failures == 2
    outbox.pass_time()
    for _ in range(4):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 0, 0, 0, 0, 1, 2, 3]


def test_what_a_person_put_first_stays_first_until_it_is_taken(outbox: Outbox) -> None:
    ids = outbox.queue(["", "", ""])
    for _ in range(3):
        outbox.answer("rejected")
    outbox.write(lambda tx: deliver.resubmit(tx, ids[2], actor="person:ann", at=1, front=True))
    outbox.answer("error")
    outbox.write(lambda tx: deliver.resubmit_all(tx, outbox.site.connector, actor="person:ann", at=1))
    outbox.pass_time()
    for _ in range(3):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 1, 2, 2, 2, 0, 1]


def test_asked_to_go_on_it_waits_no_longer(outbox: Outbox) -> None:
    ids = outbox.queue([""])
    outbox.answer("no_answer")
    assert outbox.courier.next_at is not None
    outbox.courier.go_on()
    outbox.quiet()
    outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 0]
    assert outbox.courier.next_at is None


def test_who_is_queued_again_has_the_whole_allowance_again(outbox: Outbox) -> None:
    outbox.limits = Limits(attempts=2)
    outbox.restart()
    [number] = outbox.queue([""])

    def fail_for_good() -> None:
        outbox.answer("error")
        outbox.pass_time()
        outbox.answer("error")

    fail_for_good()
    outbox.write(lambda tx: deliver.resubmit(tx, number, actor="person:ann", at=1))
    fail_for_good()
    outbox.write(lambda tx: deliver.resubmit_all(tx, outbox.site.connector, actor="person:ann", at=1))
    fail_for_good()
    [row] = outbox.read(lambda tx: deliveries.by_ids(tx, [number])).values()
    assert (row.state, row.reason, row.attempts) == ("failed", "too_many_attempts", 6)
    attempts = outbox.read(lambda tx: deliveries.attempts(tx, number))
    assert [each.number for each in reversed(attempts)] == [1, 2, 3, 4, 5, 6]


def test_its_age_counts_from_when_it_was_queued_again(outbox: Outbox) -> None:
    outbox.limits = Limits(age=1)
    outbox.restart()
    [number] = outbox.queue([""])
    outbox.answer("error")
    assert outbox.asked is None
    outbox.write(lambda tx: deliver.resubmit(tx, number, actor="person:ann", at=AT + 60_000_000))
    outbox.answer("error")
    [row] = outbox.read(lambda tx: deliveries.by_ids(tx, [number])).values()
    assert (row.state, row.attempts) == ("queued", 2)


def test_it_sends_nothing_while_another_hub_does(outbox: Outbox) -> None:
    ids = outbox.queue(["", "", ""])
    outbox.answer("accepted")
    outbox.may_send = False
    outbox.answer("accepted")
    assert outbox.asked is None
    ids += outbox.queue([""])
    assert outbox.asked is None
    outbox.may_send = True
    outbox.courier.wake()
    outbox.quiet()
    for _ in range(2):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [0, 1, 2, 3]


def test_what_it_waited_for_is_forgotten_when_another_hub_goes_on(outbox: Outbox) -> None:
    outbox.queue([""])
    outbox.answer("error")
    assert outbox.courier.waiting is not None
    outbox.may_send = False
    outbox.courier.wake()
    outbox.quiet()
    assert (outbox.courier.waiting, outbox.courier.next_at) == (None, None)


def test_when_the_receiver_last_took_something(outbox: Outbox) -> None:
    outbox.queue(["", ""])
    outbox.answer("rejected")
    assert outbox.courier.last_at == 0
    outbox.answer("accepted")
    assert outbox.courier.last_at > 0


@pytest.mark.parametrize("word", ["rejected", "error"])
def test_what_was_sent_is_in_the_book_when_it_is_suspended(outbox: Outbox, word: str) -> None:
    outbox.limits = Limits(attempts=1)
    outbox.restart()
    [number] = outbox.queue([""])
    outbox.answer("error" if word == "error" else "rejected")
    outbox.suspend()
    [attempt] = outbox.read(lambda tx: deliveries.attempts(tx, number))
    assert (attempt.result, attempt.text) == (word, word)


def test_a_book_that_cannot_be_read_is_asked_again(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    outbox.suspend()
    [number] = outbox.queue([""])
    [row] = outbox.read(lambda tx: tx.execute(select(message_body)).mappings())
    outbox.write(lambda tx: tx.execute(update(message_body).values(raw=b"\xff broken")))
    outbox.resume()
    assert outbox.asked is None
    assert "Connector cabinet met a defect" in caplog.text
    outbox.write(lambda tx: tx.execute(update(message_body).values(raw=row["raw"])))
    outbox.pass_time()
    outbox.answer("accepted")
    assert numbers(outbox, [number]) == [0]


def lose_bytes(outbox: Outbox, delivery_id: int) -> None:
    row = outbox.read(lambda tx: deliveries.get(tx, delivery_id))
    assert row is not None
    outbox.write(lambda tx: tx.execute(delete(message_body).where(message_body.c.message_id == row.message_id)))


def test_of_what_nothing_is_left_goes_to_the_error_queue_and_the_rest_is_sent(outbox: Outbox) -> None:
    outbox.suspend()
    ids = outbox.queue([""] * 70)
    for lost in ids[:66]:
        lose_bytes(outbox, lost)
    outbox.resume()
    for _ in range(4):
        outbox.answer("accepted")
    assert numbers(outbox, ids) == [66, 67, 68, 69]
    found = outbox.read(lambda tx: deliveries.by_ids(tx, ids))
    assert [(found[each].state, found[each].reason) for each in ids[:66]] == [("failed", "bytes_gone")] * 66
    told = outbox.read(lambda tx: events.listed(tx, events.EventFilter(kind="connector.set_aside")))
    counts = [json.loads(each.detail or "")["deliveries"] for each in told]
    assert counts == [2, 64]  # newest first: as many as are looked at together, then the rest


def test_of_what_nothing_is_left_is_not_queued_again(outbox: Outbox) -> None:
    lost, whole = outbox.queue(["", ""])
    outbox.answer("rejected")
    outbox.answer("rejected")
    lose_bytes(outbox, lost)
    with pytest.raises(Gone, match="no longer kept"):
        outbox.write(lambda tx: deliver.resubmit(tx, lost, actor="person:ann", at=1))
    again = outbox.write(lambda tx: deliver.resubmit_all(tx, outbox.site.connector, actor="person:ann", at=1))
    assert again == 1
    found = outbox.read(lambda tx: deliveries.by_ids(tx, [lost, whole]))
    assert [found[each].state for each in (lost, whole)] == ["failed", "queued"]
    outbox.answer("accepted")
    assert len(outbox.received) == 3
    assert outbox.received[2] == outbox.received[1]
