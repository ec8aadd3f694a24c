"""Queues, the error queue and attempts, as couriers and people ask for them."""

from __future__ import annotations

import pytest
from tests.support.book import AT, Site, add_chain, message_row

from officina.store import Store, Tx, connectors, deliveries, intake
from officina.store.deliveries import Depth
from officina.store.rows import AttemptRow, DeliveryRow


def added(tx: Tx, site: Site, *changes: dict[str, object]) -> list[DeliveryRow]:
    """A delivery for each, of the site's connector, with what is changed about it."""
    rows = [
        DeliveryRow(tx.id(), 1, site.subscription, site.connector, "", "queued", AT + number)._replace(**change)
        for number, change in enumerate(changes)
    ]
    intake.insert_deliveries(tx, rows)
    return rows


def attempt(tx: Tx, delivery_id: int, number: int, **values: object) -> AttemptRow:
    row = AttemptRow(tx.id(), delivery_id, number, 7, AT, 900, "error", "AE", "CA", "PID-3: unknown", b"MSA|AE|\xff")
    return row._replace(**values)


def ids(rows: list[DeliveryRow]) -> list[int]:
    return [row.id for row in rows]


def test_a_queue_in_its_order(store: Store, site: Site) -> None:
    with store.write() as tx:
        other = connectors.add(tx, name="other", kind="mllp_sender", at=AT)
        first, front, second, *_ = rows = added(
            tx,
            site,
            {"message_id": 5, "attempts": 2},
            {"rank": -1, "lane": "patient 1"},
            {},
            {"state": "failed"},
            {"state": "delivered"},
            {"state": "deleted"},
            {"connector_id": other},
        )
    with store.read() as tx:
        assert deliveries.head(tx, site.connector) == [front, first, second]
        assert deliveries.head(tx, site.connector, limit=1) == [front]
        assert deliveries.head(tx, site.connector, limit=2) == [front, first]
        assert deliveries.head(tx, other) == [rows[-1]]
        assert deliveries.head(tx, 10**9) == []


def test_a_queue_beside_the_lanes_that_wait(store: Store, site: Site) -> None:
    lanes = ["", "patient 1", "patient 2", "patient 1", "order 1"]
    with store.write() as tx:
        rows = added(tx, site, *[{"lane": lane} for lane in lanes], {"lane": "patient 1", "rank": -1})

        def beside(*held: str) -> list[str]:
            return [row.lane for row in deliveries.head(tx, site.connector, beside=held)]

        assert ids(deliveries.head(tx, site.connector)) == [rows[-1].id, *ids(rows[:-1])]
        assert beside("patient 1") == ["", "patient 2", "order 1"]
        assert beside("", "patient 2") == ["patient 1", "patient 1", "patient 1", "order 1"]
        assert beside(*lanes) == []
        assert len(deliveries.head(tx, site.connector, beside=["nobody"], limit=2)) == 2


def test_one_and_several(store: Store, site: Site) -> None:
    with store.write() as tx:
        rows = added(tx, site, {}, {"state": "failed", "reason": "rejected", "message_id": 9})
        assert [deliveries.get(tx, row.id) for row in rows] == rows
        assert deliveries.get(tx, 10**9) is None
        assert deliveries.by_ids(tx, [rows[1].id, rows[0].id, rows[1].id, 10**9]) == {row.id: row for row in rows}
        assert deliveries.by_ids(tx, []) == {}


def test_those_that_send_a_message(store: Store, site: Site) -> None:
    with store.write() as tx:
        sent = message_row(tx, site).id
        rows = added(tx, site, {"message_id": sent}, {}, {"message_id": sent, "state": "delivered"})
        assert deliveries.of_message(tx, sent) == [rows[0], rows[2]]
        assert deliveries.of_message(tx, rows[1].id) == []


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_a_list_of_one_state_pages_both_ways(store: Store, site: Site, state: str) -> None:
    other = {"queued": "failed", "failed": "queued"}[state]
    with store.write() as tx:
        elsewhere = connectors.add(tx, name="elsewhere", kind="mllp_sender", at=AT)
        rows = added(
            tx,
            site,
            {"state": state},
            {"state": other},
            {"state": state, "rank": -1},
            {"state": state, "connector_id": elsewhere},
            {"state": "delivered"},
            {"state": state},
        )
        a, b, c, d = (rows[number].id for number in (0, 2, 3, 5))

        def listed(**cut: int) -> list[int]:
            return ids(deliveries.listed(tx, state=state, **cut))

        assert listed() == [d, c, b, a]
        assert listed(limit=2) == [d, c]
        assert listed(before=c, limit=2) == [b, a]
        assert listed(after=a, limit=2) == [c, b]
        assert listed(connector_id=site.connector) == [d, b, a]
        assert listed(connector_id=site.connector, before=d, limit=1) == [b]
        assert listed(connector_id=elsewhere) == [c]
        assert listed(connector_id=10**9) == []


def test_attempts_newest_first(store: Store, site: Site) -> None:
    with store.write() as tx:
        tried, other, untried = ids(added(tx, site, {}, {}, {}))
        rows = [attempt(tx, tried, number, took=number * 10**10) for number in (1, 2, 3)]  # 10**10 µs: hours
        lone = attempt(tx, other, 1, result="accepted", code="AA", accept_code="", text="", answer=b"")
        deliveries.insert_attempts(tx, [*rows, lone])
        deliveries.insert_attempts(tx, [])
    with store.read() as tx:
        assert deliveries.attempts(tx, tried) == rows[::-1]
        assert deliveries.attempts(tx, tried, limit=1) == rows[2:]
        assert deliveries.attempts(tx, untried) == []
        found = deliveries.last_attempts(tx, [tried, other, untried, tried])
        assert found == {tried: rows[2], other: lone}
        assert deliveries.last_attempts(tx, []) == {}


def test_words_no_database_can_hold_do_not_keep_an_attempt_out_of_the_book(store: Store, site: Site) -> None:
    with store.write() as tx:
        [number] = ids(added(tx, site, {}))
        deliveries.insert_attempts(tx, [attempt(tx, number, 1, text="a\0b"), attempt(tx, number, 2, text="lone\ud800")])
    with store.read() as tx:
        newer, older = deliveries.attempts(tx, number)
    assert newer.text == "lone?"
    assert older.text in ("a\0b", "a\ufffdb")


def test_how_much_waits(store: Store, site: Site) -> None:
    with store.write() as tx:
        assert deliveries.depth(tx, site.connector) == Depth(0, None, 0)
        rows = added(tx, site, {"state": "failed"}, {}, {"rank": -1}, {"state": "delivered"}, {"state": "failed"}, {})
        elsewhere = connectors.add(tx, name="elsewhere", kind="mllp_sender", at=AT)
        added(tx, site, {"connector_id": elsewhere, "state": "failed"})
        assert deliveries.depth(tx, site.connector) == Depth(3, rows[1].created_at, 2)
        assert deliveries.depth(tx, site.connector, most=1) == Depth(1, rows[1].created_at, 1)
        assert deliveries.count_failed(tx, most=10) == 3
        assert deliveries.count_failed(tx, most=2) == 2


def test_what_was_queued_again_waits_since_then(store: Store, site: Site) -> None:
    with store.write() as tx:
        added(tx, site, {"requeued_at": AT + 500}, {})
        assert deliveries.depth(tx, site.connector).oldest_at == AT + 500


def test_what_is_updated(store: Store, site: Site) -> None:
    with store.write() as tx:
        one, two, three = added(tx, site, {}, {}, {})
        changes = [
            {"id": one.id, "state": "failed", "attempts": 2, "reason": "rejected"},
            {"id": two.id, "state": "delivered", "attempts": 1, "reason": ""},
            {"id": three.id, "rank": -1, "message_id": 9},
        ]
        deliveries.update(tx, changes)
        deliveries.update(tx, [])
        assert deliveries.by_ids(tx, [one.id, two.id, three.id]) == {
            one.id: one._replace(state="failed", attempts=2, reason="rejected"),
            two.id: two._replace(state="delivered", attempts=1),
            three.id: three._replace(rank=-1, message_id=9),
        }


def test_who_sends_is_told_of_new_and_of_resubmitted_ones(store: Store, site: Site) -> None:
    told: list[frozenset[str]] = []
    store.writer.on_commit(told.append)
    with store.write() as tx:
        add_chain(tx, site)
    with store.write() as tx:
        deliveries.announce(tx, [site.connector, 7])
    with store.write() as tx:
        deliveries.insert_attempts(tx, [attempt(tx, 1, 1)])
    assert f"deliveries:{site.connector}" in told[0]
    assert told[1:] == [frozenset({"deliveries", f"deliveries:{site.connector}:again", "deliveries:7:again"})]
