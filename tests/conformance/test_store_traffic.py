"""Counts of traffic: added up, read by time, forgotten by age."""

from __future__ import annotations

from tests.support.book import AT

from officina.store import Store, traffic
from officina.store.traffic import TrafficRow

MINUTES = 300_000_000
ONE = TrafficRow(AT, 7, 1, 2, 3, 4, 5)


def test_counts_of_a_bucket_add_up(store: Store) -> None:
    with store.write() as tx:
        traffic.add(tx, [ONE, ONE._replace(connector_id=8)])
    with store.write() as tx:
        traffic.add(tx, [ONE._replace(taken=10, not_sent=0)])
        traffic.add(tx, [])
    with store.read() as tx:
        assert traffic.between(tx, AT, AT + 1) == [TrafficRow(AT, 7, 11, 4, 6, 8, 5), ONE._replace(connector_id=8)]


def test_buckets_are_read_by_when_they_begin(store: Store) -> None:
    later, last = ONE._replace(begins_at=AT + MINUTES), ONE._replace(begins_at=AT + 2 * MINUTES)
    with store.write() as tx:
        traffic.add(tx, [last, ONE, later])
    with store.read() as tx:
        assert traffic.between(tx, AT, AT + 3 * MINUTES) == [ONE, later, last]
        assert traffic.between(tx, AT + 1, AT + 2 * MINUTES) == [later]


def test_old_buckets_are_dropped(store: Store) -> None:
    later = ONE._replace(begins_at=AT + MINUTES)
    with store.write() as tx:
        traffic.add(tx, [ONE, later])
        assert traffic.drop(tx, until=AT + MINUTES) == 1
        assert traffic.drop(tx, until=AT + MINUTES) == 0
        assert traffic.between(tx, 0, 2 * AT) == [later]
