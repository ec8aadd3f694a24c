"""Orders, patients and events are found by what people search by."""

from __future__ import annotations

import pytest
from tests.support.book import AT, Site, add_chain, identifier_row, order_row, patient_row, visit_row

from officina.packed import Like, pack
from officina.store import Store, events, intake, orders, patients
from officina.store.events import EventFilter
from officina.store.orders import OrderFilter
from officina.store.patients import PatientCursor, PatientFilter
from officina.store.rows import EventRow, VersionRow


def test_orders_by_number_place_patient_and_status(store: Store, site: Site) -> None:
    with store.write() as tx:
        patient = patient_row(tx, site)
        other = patient_row(tx, site)
        intake.insert_patients(tx, [patient, other])
        rows = [
            order_row(tx, site, patient.id, 1, placer_number="P1", prescription_number="77"),
            order_row(tx, site, patient.id, 1, filler_number="77", place_id=site.elm, status="discontinued"),
            order_row(tx, site, other.id, 1),
        ]
        intake.insert_orders(tx, rows)
    first, second, third = (row.id for row in rows)
    expected = [
        (OrderFilter(), [third, second, first]),
        (OrderFilter(number="77"), [second, first]),
        (OrderFilter(number="77", place_ids=frozenset({site.oak})), [first]),
        (OrderFilter(number=""), [third, second, first]),
        (OrderFilter(number="nothing"), []),
        (OrderFilter(status="discontinued"), [second]),
        (OrderFilter(place_id=site.oak), [third, first]),
        (OrderFilter(place_id=site.oak, place_ids=frozenset({site.elm})), []),
        (OrderFilter(patient_id=patient.id), [second, first]),
        (OrderFilter(place_ids=frozenset({site.oak, site.elm}), status="active"), [third, first]),
    ]
    with store.read() as tx:
        for wanted, ids in expected:
            assert [row.id for row in orders.listed(tx, wanted)] == ids, wanted
        assert [row.id for row in orders.listed(tx, before=third, limit=1)] == [second]
        assert orders.get(tx, first) == rows[0]
        assert {row.id for row in orders.by_ids(tx, [third, first, 10**12])} == {first, third}
        assert orders.by_ids(tx, []) == []
        assert orders.get(tx, 10**12) is None


def test_timeline_is_in_the_order_of_commit(store: Store, site: Site) -> None:
    with store.write() as tx:
        chain = add_chain(tx, site, control_id="A1")
    with store.write() as tx:
        change = VersionRow(tx.id(), chain.order.id, 2, chain.message.id, AT + 1, pack(b'{"dose":"2"}', Like.FACTS))
        intake.insert_versions(tx, [change])
        intake.update_orders(tx, [chain.order._replace(version=2, status="changed")])
        event = events.record(
            tx, at=AT + 1, kind="order.changed", subject="order", subject_id=chain.order.id, actor="person:rose"
        )
    with store.read() as tx:
        timeline = orders.timeline(tx, chain.order.id)
        assert orders.versions(tx, chain.order.id) == [chain.version, change]
        current = orders.get(tx, chain.order.id)
    assert [entry.id for entry in timeline] == [chain.version.id, chain.event.id, change.id, event]
    assert current is not None
    assert (current.version, current.status) == (2, "changed")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (PatientFilter(), ["Étienne", "NOWAK", "Nowakowa", "Smith"]),
        (PatientFilter(name="nowak"), ["NOWAK", "Nowakowa"]),
        (PatientFilter(name="Nowak, a"), ["NOWAK"]),
        (PatientFilter(name="etie"), ["Étienne"]),
        (PatientFilter(name="%"), []),
        (PatientFilter(identifier="4711"), ["Smith"]),
        (PatientFilter(identifier="471"), []),
        (PatientFilter(name="zz", organisation_ids=frozenset()), []),
    ],
)
def test_patients_by_name_and_identifier(store: Store, site: Site, wanted: PatientFilter, expected: list[str]) -> None:
    with store.write() as tx:
        families = ["Smith", "Nowakowa", "NOWAK", "Étienne"]
        rows = [patient_row(tx, site, family=family) for family in families]
        intake.insert_patients(tx, rows)
        intake.insert_identifiers(tx, [identifier_row(site, rows[0].id, "4711")])
    with store.read() as tx:
        found = patients.listed(tx, wanted)
    assert [row.family for row in found] == expected


def test_patients_of_other_organisations_stay_hidden(store: Store, site: Site) -> None:
    with store.write() as tx:
        row = patient_row(tx, site)
        intake.insert_patients(tx, [row])
        intake.insert_identifiers(tx, [identifier_row(site, row.id, "1")])
    elsewhere = frozenset({site.organisation + 1_000_000})
    with store.read() as tx:
        assert patients.listed(tx, PatientFilter(organisation_ids=elsewhere)) == []
        assert patients.listed(tx, PatientFilter(identifier="1", organisation_ids=elsewhere)) == []
        here = patients.listed(tx, PatientFilter(identifier="1", organisation_ids=frozenset({site.organisation})))
    assert [found.id for found in here] == [row.id]


def test_pages_of_patients_with_the_same_name(store: Store, site: Site) -> None:
    with store.write() as tx:
        rows = [patient_row(tx, site) for _ in range(5)]
        intake.insert_patients(tx, rows)
    seen: list[int] = []
    cursor: PatientCursor | None = None
    with store.read() as tx:
        while page := patients.listed(tx, PatientFilter(name="now"), after=cursor, limit=2):
            seen += [row.id for row in page]
            cursor = patients.cursor_of(page[-1])
    assert seen == [row.id for row in rows]


def test_a_renamed_patient_is_found_by_the_new_name(store: Store, site: Site) -> None:
    with store.write() as tx:
        row = patient_row(tx, site)
        intake.insert_patients(tx, [row])
        intake.update_patients(tx, [row._replace(family="Grün")])
    with store.read() as tx:
        assert [found.id for found in patients.listed(tx, PatientFilter(name="grun"))] == [row.id]
        assert patients.listed(tx, PatientFilter(name="nowak")) == []


def test_what_is_known_of_a_patient(store: Store, site: Site) -> None:
    with store.write() as tx:
        chain = add_chain(tx, site, control_id="A1")
        identifiers = [identifier_row(site, chain.patient.id, "2"), identifier_row(site, chain.patient.id, "1")]
        visits = [visit_row(tx, site, chain.patient.id), visit_row(tx, site, chain.patient.id, number="V2")]
        intake.insert_identifiers(tx, identifiers)
        intake.insert_visits(tx, visits)
    with store.read() as tx:
        found = patients.get(tx, chain.patient.id)
        assert found == chain.patient._replace(name_key="nowak, anna")
        assert patients.get(tx, 10**12) is None
        assert patients.identifiers(tx, [chain.patient.id]) == identifiers[::-1]
        assert patients.visits(tx, chain.patient.id) == visits[::-1]
        assert patients.events(tx, chain.patient.id) == [chain.event]


def test_events_by_subject_message_patient_and_the_audit_trail(store: Store, site: Site) -> None:
    with store.write() as tx:
        chain = add_chain(tx, site, control_id="A1")
        signed_in = events.record(
            tx,
            at=AT,
            kind="person.signed_in",
            subject="person",
            subject_id=9,
            actor="person:rose",
            detail={"from": "Käthe"},
        )
    with store.read() as tx:
        by_order = events.listed(tx, EventFilter(subject="order", subject_id=chain.order.id))
        assert by_order == [chain.event]
        assert events.listed(tx, EventFilter(message_id=chain.message.id)) == [chain.event]
        assert events.listed(tx, EventFilter(patient_id=chain.patient.id, kind="order.created")) == [chain.event]
        trail = events.listed(tx, EventFilter(unprompted=True))
        assert trail == [
            EventRow(
                signed_in,
                AT,
                "person.signed_in",
                "person",
                9,
                "person:rose",
                None,
                None,
                None,
                '{"from":"Käthe"}',
            )
        ]
        assert events.listed(tx, EventFilter(actor="person:rose")) == trail
        assert events.listed(tx, EventFilter(kind="order.created")) == []
        assert [row.id for row in events.listed(tx)] == [signed_in, chain.event.id]
        assert events.deliveries(tx, chain.event.id) == [chain.delivery]
