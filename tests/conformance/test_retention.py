"""Pruning on both databases: what goes, what stays, and that a message without its bytes is still known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Table, func, select
from tests.conformance.test_receive import SUBSCRIBED, Desk, acks, plain
from tests.support.hub import site_store
from tests.support.samples import rde_o11

from officina.actions import deliver
from officina.actions.receive import process_again, read, release
from officina.actions.retention import PAGE
from officina.errors import Gone
from officina.runtime import pruning
from officina.runtime.pruning import Pruned
from officina.store import Store, deliveries, intake, messages, retention, schema
from officina.store.rows import AttemptRow
from officina.workflow.retention import DAY

KEPT = SUBSCRIBED.replace('profile = "hl7"', 'profile = "hl7"\nkeep_bodies_days = 30\nkeep_metadata_days = 90')
DURABLE = (schema.order, schema.order_version, schema.patient, schema.delivery, schema.attempt)
OF_MESSAGES = (schema.message, schema.message_body, schema.message_number)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with site_store(database_url, KEPT) as store:
        yield Desk(store)


def prune(store: Store, day: int, *, trial: bool = False) -> Pruned:
    (found,) = pruning.prune(store, lambda: day * DAY, trial=trial)
    return found


def settle(store: Store, state: str = "delivered") -> None:
    """All deliveries come to this state."""
    with store.write() as tx:
        ids = [row[0] for row in tx.execute(select(schema.delivery.c.id))]
        deliveries.update(tx, [{"id": each, "state": state} for each in ids])


def count(store: Store, *tables: Table) -> list[int]:
    with store.read() as tx:
        return [int(tx.execute(select(func.count()).select_from(each)).scalar()) for each in tables]


def with_body(store: Store) -> set[int]:
    with store.read() as tx:
        return {row[0] for row in tx.execute(select(schema.message_body.c.message_id))}


MODES = {
    "original mode": plain(),
    "enhanced mode": rde_o11(),
    "both acknowledgements": rde_o11(**{"MSH-16": "AL"}),
    "no acknowledgement": rde_o11(**{"MSH-15": "NE"}),
    "no control id": plain(""),
}


@pytest.mark.parametrize("raw", MODES.values(), ids=MODES)
def test_a_repetition_is_known_without_the_bytes_of_the_first(desk: Desk, raw: bytes) -> None:
    (first,) = desk.take(raw, at=0)
    settle(desk.store)
    assert prune(desk.store, 31).bodies == 1
    assert with_body(desk.store) == set()

    (second,) = desk.take(raw, at=32 * DAY)

    assert (second.state, second.reason) == ("duplicate", "message_repeated")
    told = [[(each.get("MSA-1"), each.get("MSA-2")) for each in acks(kept)] for kept in (first, second)]
    assert told[0] == told[1]
    assert desk.rows(schema.message)[1]["duplicate_of"] == first.message_id
    assert [row["ack_code"] for row in desk.rows(schema.message)] == [told[0][0][0] if told[0] else ""] * 2
    assert count(desk.store, schema.order, schema.order_version, schema.delivery) == [1, 1, 1]
    (third,) = desk.take(raw, at=33 * DAY)
    assert third.state == "duplicate"
    assert [each.get("MSA-1") for each in acks(third)] == [code for code, _ in told[0]]


def test_a_repetition_of_a_message_that_is_gone_is_linked_to_its_order(desk: Desk) -> None:
    desk.take(plain("M1"), at=0)
    desk.take(plain("M9", placer_number="P9", filler_number="F9", prescription_number="F9"), at=0)
    settle(desk.store)
    assert prune(desk.store, 91).messages == 1

    (again,) = desk.take(plain("M1"), at=92 * DAY)

    assert (again.state, again.reason) == ("duplicate", "order_repeated")
    assert acks(again)[0].get("MSA-1") == "AA"
    assert count(desk.store, schema.order, schema.order_version) == [2, 2]
    with desk.store.read() as tx:
        ((first, _), *_) = messages.caused(tx, desk.rows(schema.order_version)[0]["message_id"]).orders
    assert first.placer_number == "PL-77812"


def test_bodies_go_first_then_messages_and_what_they_made_stays(desk: Desk) -> None:
    desk.take(plain("M1"), plain("M2", message_type="ADT", trigger="A08"), at=0)
    desk.take(plain("M3", control="XO", directions="One in the morning"), at=60 * DAY)
    settle(desk.store)
    before = count(desk.store, *DURABLE, schema.event)
    assert count(desk.store, *OF_MESSAGES) == [3, 3, 2]

    assert (prune(desk.store, 29).bodies, prune(desk.store, 31).bodies) == (0, 2)
    assert count(desk.store, *OF_MESSAGES) == [3, 1, 2]
    assert prune(desk.store, 91).messages == 2
    assert count(desk.store, *OF_MESSAGES) == [1, 0, 0]

    events = [row for row in desk.rows(schema.event) if row["kind"] != "connector.pruned"]
    assert [*count(desk.store, *DURABLE), len(events)] == before
    (created,) = [row for row in events if row["kind"] == "order.created"]
    with desk.store.read() as tx:
        assert messages.get(tx, created["message_id"]) is None
        assert messages.trace(tx, created["message_id"]) is not None
        assert messages.listed(tx, messages.MessageFilter(order_number="PL-77812"))[0].control_id == "M3"


def test_the_newest_message_of_a_connector_stays_for_silence_is_told_by_it(desk: Desk) -> None:
    desk.take(plain("M1"), at=0)
    (last,) = desk.take(plain("M2"), at=DAY)
    settle(desk.store)

    found = prune(desk.store, 400)

    assert (found.bodies, found.messages, dict(found.messages_kept)) == (2, 1, {"newest": 1})
    assert [row["id"] for row in desk.rows(schema.message)] == [last.message_id]


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_what_waits_to_be_sent_stays_until_it_is_settled(desk: Desk, state: str) -> None:
    desk.take(plain("M1"), at=0)
    desk.take(plain("M2", facility="NOWHERE"), at=0)
    settle(desk.store, state)
    need = {"queued": "queued", "failed": "error_queue"}[state]

    for day in (31, 95, 96):
        found = prune(desk.store, day)
        assert (found.bodies, found.messages) == (0, 0)
        assert dict(found.bodies_kept) == {need: 1, "parked": 1}
    settle(desk.store)
    found = prune(desk.store, 97)

    assert (found.bodies, dict(found.bodies_kept), found.messages) == (1, {"parked": 1}, 1)
    assert [row["control_id"] for row in desk.rows(schema.message)] == ["M2"]


def test_what_has_failed_or_is_parked_stays_until_a_person_has_decided(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NOWHERE"), at=0)
    with desk.store.write() as tx:
        failed = messages.get(tx, parked.message_id)
        assert failed is not None
        other = failed._replace(id=tx.id(), control_id="M2", state="failed")
        intake.insert_messages(tx, [other])
        (body,) = tx.execute(select(schema.message_body))
        tx.insert(schema.message_body, [{"message_id": other.id, "raw": body[1], "answer": b"", "findings": "[]"}])
    assert dict(prune(desk.store, 300).bodies_kept) == {"parked": 1, "failed": 1}

    with desk.store.write() as tx:
        intake.update_messages(tx, [{"id": other.id, "state": "accepted"}])
    found = prune(desk.store, 301)

    assert (found.bodies, found.messages) == (1, 0)  # the newest of its connector
    assert with_body(desk.store) == {parked.message_id}


def test_what_was_sent_before_a_person_changed_it_stays_while_the_change_is_owed(desk: Desk) -> None:
    desk.take(plain("M1"), at=0)
    with desk.store.write() as tx:
        (delivery,) = tx.execute(select(schema.delivery)).mappings()
        cabinet = delivery["connector_id"]
        deliveries.update(tx, [{"id": delivery["id"], "state": "failed", "attempts": 1}])
        deliver.resubmit(tx, delivery["id"], actor="person:ada", at=0, payload=plain("E1"))
        row = deliveries.get(tx, delivery["id"])
        assert row is not None
        assert row.message_id is not None
        first = row.message_id
        tried = AttemptRow(tx.id(), row.id, 1, first, 0, 1, "rejected", "AR", "", "", b"")
        deliveries.insert_attempts(tx, [tried])
        deliveries.update(tx, [{"id": row.id, "state": "failed"}])
        deliver.resubmit(tx, row.id, actor="person:ada", at=0, payload=plain("E2"))
        tx.update(schema.connector, [{"id": cabinet, "keep_bodies_days": 1, "keep_metadata_days": 1}])

    found = {each.connector.name: each for each in pruning.prune(desk.store, lambda: 500 * DAY)}

    assert dict(found["cabinet"].bodies_kept) == {"queued": 2}
    assert dict(found["pharmacy"].bodies_kept) == {"queued": 1}
    assert len(with_body(desk.store)) == 3
    settle(desk.store)
    found = {each.connector.name: each for each in pruning.prune(desk.store, lambda: 501 * DAY)}
    assert (found["cabinet"].bodies, found["cabinet"].messages) == (2, 1)
    assert with_body(desk.store) == set()


def test_a_run_does_not_read_again_what_an_earlier_one_has_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take(*(plain(f"M{i}", placer_number=f"P{i}") for i in range(30)), at=0)
    desk.take(plain("M98", facility="NOWHERE"), at=0)
    settle(desk.store)
    assert prune(desk.store, 31).bodies == 30
    read_again: list[int] = []

    def noted(tx: Any, rows: Any) -> dict[int, str]:
        read_again.extend(rows)
        return {}

    monkeypatch.setattr(retention, "owed", noted)
    desk.take(plain("M99", placer_number="P99"), at=2 * DAY)
    assert prune(desk.store, 33).bodies == 1
    assert len(read_again) == 2  # the one that is parked, and the new one


def test_a_run_that_is_stopped_has_removed_whole_pages_and_the_next_goes_on(desk: Desk) -> None:
    total = 2 * PAGE + 7
    desk.take(*(plain(f"M{i}", placer_number=f"P{i}", filler_number=f"F{i}") for i in range(total)), at=0)
    settle(desk.store)
    turns = iter([True, True, False])  # after what was left by earlier runs, and after two pages

    (cut,) = pruning.prune(desk.store, lambda: 31 * DAY, lambda: next(turns))
    assert (cut.bodies, len(with_body(desk.store))) == (2 * PAGE, 7)
    assert prune(desk.store, 31).bodies == 7

    told = [json.loads(row["detail"]) for row in desk.rows(schema.event) if row["kind"] == "connector.pruned"]
    assert [each["bodies"] for each in told] == [2 * PAGE, 7]


def test_trying_it_out_says_the_same_and_removes_nothing(desk: Desk) -> None:
    desk.take(*(plain(f"M{i}", placer_number=f"P{i}") for i in range(5)), at=0)
    desk.take(plain("M7", facility="NOWHERE"), at=0)
    settle(desk.store)
    before = count(desk.store, *OF_MESSAGES, schema.event, schema.kept_back, schema.retention)

    said = prune(desk.store, 100, trial=True)

    assert count(desk.store, *OF_MESSAGES, schema.event, schema.kept_back, schema.retention) == before
    assert prune(desk.store, 100) == said
    assert (said.bodies, said.messages, dict(said.bodies_kept)) == (5, 5, {"parked": 1})


def test_a_message_that_a_wrong_clock_dated_years_ahead_holds_up_no_other(desk: Desk) -> None:
    desk.take(plain("M1"), at=0)
    desk.take(plain("M2", placer_number="P2"), at=3000 * DAY)
    desk.take(plain("M3", placer_number="P3"), at=DAY)
    settle(desk.store)

    found = prune(desk.store, 40)

    assert (found.bodies, dict(found.bodies_kept)) == (2, {"future": 1})
    assert prune(desk.store, 3031).bodies == 1


def test_more_days_than_before_bring_nothing_back_and_hold_what_is_left(desk: Desk) -> None:
    desk.take(plain("M1"), at=0)
    desk.take(plain("M2", placer_number="P2", facility="NOWHERE"), at=0)
    settle(desk.store)
    prune(desk.store, 31)
    with desk.store.write() as tx:
        intake.update_messages(tx, [{"id": row, "state": "accepted"} for row in with_body_in(tx)])
        tx.update(schema.connector, [{"id": desk.source.connector_id, "keep_bodies_days": 60}])

    assert prune(desk.store, 59).bodies == 0
    assert prune(desk.store, 61).bodies == 1


def with_body_in(tx: Any) -> list[int]:
    return [row[0] for row in tx.execute(select(schema.message_body.c.message_id))]


def test_one_line_in_the_audit_says_what_went(desk: Desk) -> None:
    desk.take(plain("M1"), plain("M2", facility="NOWHERE"), at=0)
    settle(desk.store)
    prune(desk.store, 31)
    prune(desk.store, 32)  # nothing goes, nothing is said

    (told,) = [row for row in desk.rows(schema.event) if row["kind"] == "connector.pruned"]
    assert (told["subject"], told["subject_id"], told["actor"]) == ("connector", desk.source.connector_id, "system")
    assert json.loads(told["detail"]) == {"bodies": 1, "messages": 0, "kept": {"parked": 1}}


def test_what_was_pruned_meanwhile_takes_no_effect(desk: Desk) -> None:
    raw = plain("M1", facility="NOWHERE")
    (parked,) = desk.take(raw, at=0)
    with desk.store.read() as tx:
        row = messages.get(tx, parked.message_id)
    assert row is not None
    reading = read(plain("M1"), desk.source, at=DAY)
    with desk.store.write() as tx:
        retention.drop_bodies(tx, [parked.message_id])

    with pytest.raises(Gone):
        desk.store.writer.submit(
            lambda tx: process_again(tx, parked.message_id, reading, (), actor="person:ada")
        ).result(30)
    came = desk.store.writer.submit(partial(release, waiting=[(row, reading)], subscriptions=(), actor="x")).result(30)
    assert (came.messages, came.missing) == (0, 1)
    assert desk.rows(schema.message)[0]["state"] == "parked"
    assert desk.count(schema.order) == 0
