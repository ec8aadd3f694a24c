"""Messages are found by everything people search by, page by page, within what they may see."""

from __future__ import annotations

import pytest
from tests.support.book import AT, Chain, Site, add_chain, message_row

from officina.clock import SECOND
from officina.store import Store, Tx, events, intake, messages
from officina.store.messages import MessageFilter


def _three(tx: Tx, site: Site) -> list[Chain]:
    return [
        add_chain(tx, site, control_id="A1", received_at=AT),
        add_chain(tx, site, control_id="A2", received_at=AT + 600 * SECOND, type="ORM^O01", place_id=site.elm),
        add_chain(
            tx,
            site,
            control_id="A3",
            received_at=AT + 1200 * SECOND,
            state="parked",
            facility_code="ASH",
            place_id=None,
            direction="in",
            connector_id=77,
        ),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (MessageFilter(), ["A3", "A2", "A1"]),
        (MessageFilter(state="accepted"), ["A2", "A1"]),
        (MessageFilter(state="rejected"), []),
        (MessageFilter(type="ORM^O01"), ["A2"]),
        (MessageFilter(facility_code="ASH"), ["A3"]),
        (MessageFilter(connector_id=77), ["A3"]),
        (MessageFilter(control_id="A2"), ["A2"]),
        (MessageFilter(control_id=""), ["A3", "A2", "A1"]),
        (MessageFilter(order_number="PA2"), ["A2"]),
        (MessageFilter(order_number="FA1"), ["A1"]),
        (MessageFilter(order_number="none"), []),
        (MessageFilter(direction="out"), []),
        (MessageFilter(since=AT + 1), ["A3", "A2"]),
        (MessageFilter(since=AT + 600 * SECOND, until=AT + 1200 * SECOND), ["A2"]),
        (MessageFilter(until=AT), []),
        (MessageFilter(since=AT + 9999 * SECOND), []),
        (MessageFilter(state="accepted", type="RDE^O11", facility_code="OAK"), ["A1"]),
        (MessageFilter(place_ids=frozenset()), []),
    ],
)
def test_filters(store: Store, site: Site, wanted: MessageFilter, expected: list[str]) -> None:
    with store.write() as tx:
        _three(tx, site)
    with store.read() as tx:
        assert [row.control_id for row in messages.listed(tx, wanted)] == expected


def test_of_an_order_also_those_that_only_said_it_again(store: Store, site: Site) -> None:
    with store.write() as tx:
        brought = add_chain(tx, site, control_id="A1")
        add_chain(tx, site, control_id="A2")
        again = message_row(tx, site, control_id="A3", state="duplicate")
        repeats = [
            message_row(tx, site, control_id=of.control_id, state="duplicate", duplicate_of=of.id)
            for of in (brought.message, again)
        ]
        intake.insert_messages(tx, [again, *repeats])
        repeated = {"at": AT, "kind": "order.repeated", "subject": "order", "actor": "connector:trees-in"}
        events.record(tx, **repeated, subject_id=brought.order.id, message_id=again.id)
        events.record(tx, at=AT, kind="order.read", subject="order", subject_id=brought.order.id, actor="person:rose")
    wanted = MessageFilter(order_number="PA1")
    with store.read() as tx:
        found = messages.listed(tx, wanted)
        older = messages.listed(tx, wanted, before=again.id)
    assert [row.id for row in found] == [repeats[1].id, repeats[0].id, again.id, brought.message.id]
    assert [row.id for row in older] == [brought.message.id]


def test_only_the_places_that_may_be_seen(store: Store, site: Site) -> None:
    with store.write() as tx:
        first, second, _ = _three(tx, site)
    with store.read() as tx:
        both = messages.listed(tx, MessageFilter(place_ids=frozenset({site.oak, site.elm})))
        one = messages.listed(tx, MessageFilter(place_ids=frozenset({site.elm}), state="accepted"))
        none = messages.listed(tx, MessageFilter(place_ids=frozenset({site.elm}), order_number="PA1"))
    assert [row.id for row in both] == [second.message.id, first.message.id]
    assert [row.id for row in one] == [second.message.id]
    assert none == []


def test_of_one_patient(store: Store, site: Site) -> None:
    with store.write() as tx:
        first, _, _ = _three(tx, site)
    with store.read() as tx:
        assert messages.listed(tx, MessageFilter(patient_id=first.patient.id)) == [first.message]


@pytest.mark.parametrize("restricted", [False, True])
def test_pages_forth_and_back(store: Store, site: Site, restricted: bool) -> None:
    wanted = MessageFilter(place_ids=frozenset({site.oak, site.elm})) if restricted else None
    with store.write() as tx:
        rows = [message_row(tx, site, control_id=str(i), place_id=(site.oak, site.elm)[i % 2]) for i in range(7)]
        intake.insert_messages(tx, rows)
    ids = [row.id for row in rows]
    with store.read() as tx:
        page = messages.listed(tx, wanted, limit=3)
        older = messages.listed(tx, wanted, before=page[-1].id, limit=3)
        newer = messages.listed(tx, wanted, after=older[0].id, limit=3)
        around = messages.neighbours(tx, ids[3], wanted)
        ends = messages.neighbours(tx, ids[6], wanted), messages.neighbours(tx, ids[0], wanted)
    assert [row.id for row in page] == ids[6:3:-1]
    assert [row.id for row in older] == ids[3:0:-1]
    assert [row.id for row in newer] == ids[6:3:-1]
    assert around == (ids[4], ids[2])
    assert ends == ((None, ids[5]), (ids[1], None))


def test_what_a_message_is_and_caused(store: Store, site: Site) -> None:
    with store.write() as tx:
        chain = add_chain(tx, site, control_id="A1", raw=b"MSH|^~\\&\x00\xff")
    with store.read() as tx:
        assert messages.get(tx, chain.message.id) == chain.message
        assert messages.by_ids(tx, [chain.message.id, 10**12]) == [chain.message]
        assert messages.body(tx, chain.message.id) == messages.Body(b"MSH|^~\\&\x00\xff", b"MSA|AA", "[]")
        assert messages.caused(tx, chain.message.id) == (
            [(chain.order, chain.version)],
            [chain.event],
            [chain.delivery],
        )
        assert messages.get(tx, 10**12) is None
        assert messages.body(tx, 10**12) is None


def test_duplicates(store: Store, site: Site) -> None:
    with store.write() as tx:
        first = message_row(tx, site, control_id="A1")
        again = message_row(tx, site, control_id="A1", state="duplicate", duplicate_of=first.id)
        intake.insert_messages(tx, [first, again])
    with store.read() as tx:
        assert messages.duplicates(tx, first.id) == [again]


def test_counts_stop_where_told(store: Store, site: Site) -> None:
    with store.write() as tx:
        parked = [message_row(tx, site, state="parked", place_id=site.elm) for _ in range(3)]
        intake.insert_messages(tx, [*parked, *[message_row(tx, site) for _ in range(5)]])
    with store.read() as tx:
        assert messages.counts(tx, ["parked", "failed"]) == {"parked": 3, "failed": 0}
        assert messages.counts(tx, ["parked"], most=2) == {"parked": 2}
        assert messages.counts(tx, ["parked"], place_ids=frozenset({site.elm})) == {"parked": 3}
        assert messages.counts(tx, ["parked"], place_ids=frozenset({site.oak})) == {"parked": 0}
