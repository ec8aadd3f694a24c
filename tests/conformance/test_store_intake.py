"""What taking messages in looks up and writes, a batch at a time."""

from __future__ import annotations

from tests.support.book import (
    Site,
    add_chain,
    digest,
    identifier_row,
    message_row,
    order_row,
    patient_row,
    visit_row,
)

from officina.packed import Like, pack
from officina.store import Store, intake, messages
from officina.store.intake import KnownMessage, Wanted
from officina.store.rows import BodyRow, OrderRow


def test_known_messages(store: Store, site: Site) -> None:
    with store.write() as tx:
        known = add_chain(tx, site, control_id="A1").message
        add_chain(tx, site, control_id="A2", direction="out")
        add_chain(tx, site)
        found = intake.find(tx, Wanted(control_ids=["A1", "A2", "A3", "", "A1"])).messages
        assert found == [
            KnownMessage(known.id, site.connector, "EHR|TREES", "A1", known.digest, "accepted", "AA", None, b"MSA|AA")
        ]
        for nothing in ([], [""]):
            assert intake.find(tx, Wanted(control_ids=nothing)) == ([], [], [], [])


def test_only_the_newest_with_a_control_id_that_everyone_uses(store: Store, site: Site) -> None:
    with store.write() as tx:
        rows = [message_row(tx, site, control_id="1") for _ in range(20)]
        intake.insert_messages(tx, rows)
        intake.insert_bodies(tx, [BodyRow(row.id, pack(b"", Like.MESSAGE), b"", "[]") for row in rows])
        found = intake.find(tx, Wanted(control_ids=["1", "2"])).messages
    newest = [row.id for row in rows[-intake.NEWEST_WITH_CONTROL_ID :]]
    assert sorted(row.id for row in found) == newest


def test_messages_without_a_control_id_are_known_by_their_bytes(store: Store, site: Site) -> None:
    with store.write() as tx:
        first = message_row(tx, site, digest=digest("same"))
        again = message_row(tx, site, digest=digest("same"), duplicate_of=first.id)
        named = message_row(tx, site, digest=digest("named"), control_id="A1")
        intake.insert_messages(tx, [first, again, named])
        intake.insert_bodies(tx, [BodyRow(row.id, pack(b"", Like.MESSAGE), b"", "[]") for row in (first, again, named)])
        found = intake.known_bytes(tx, [digest("same"), digest("named"), digest("other")])
        assert [row.id for row in found] == [first.id]
        assert intake.known_bytes(tx, []) == []


def test_patients_by_identifier(store: Store, site: Site) -> None:
    with store.write() as tx:
        anna, otto = patient_row(tx, site), patient_row(tx, site, family="BERG")
        intake.insert_patients(tx, [anna, otto])
        identifiers = [
            identifier_row(site, anna.id, "1"),
            identifier_row(site, anna.id, "900", type="SS", authority=""),
            identifier_row(site, otto.id, "1", authority="ELM"),
        ]
        intake.insert_identifiers(tx, identifiers)
        organisation = site.organisation
        wanted = [
            (organisation, "MR", "OAK", "1"),
            (organisation, "SS", "", "900"),
            (organisation, "MR", "ELM", "1"),
            (organisation, "MR", "", "1"),
            (organisation + 10**6, "MR", "OAK", "1"),
        ]
        found = intake.find(tx, Wanted(identifiers=wanted)).patients
        assert {(row.identifier, row.patient.family) for row in found} == {
            (identifiers[0], "NOWAK"),
            (identifiers[1], "NOWAK"),
            (identifiers[2], "BERG"),
        }
        assert {row.family for row in intake.patients(tx, [anna.id, otto.id, otto.id])} == {"NOWAK", "BERG"}
        assert intake.patients(tx, []) == []


def test_visits_by_identifier_place_and_number(store: Store, site: Site) -> None:
    with store.write() as tx:
        patient = patient_row(tx, site)
        intake.insert_patients(tx, [patient])
        rows = [visit_row(tx, site, patient.id), visit_row(tx, site, patient.id, number="", place_id=site.elm)]
        intake.insert_visits(tx, rows)
        names = [identifier_row(site, patient.id, "1"), identifier_row(site, patient.id, "2")]
        intake.insert_identifiers(tx, names)
        wanted = [
            (site.organisation, each.type, each.authority, each.value, *stay)
            for each in names
            for stay in ((site.oak, "V1"), (site.elm, ""), (site.elm, "V1"))
        ]
        assert sorted(intake.find(tx, Wanted(visits=wanted)).visits) == rows
        intake.update_visits(tx, [rows[0]._replace(bed="A", discharged_at=5)])
        intake.update_visits(tx, [{"id": rows[1].id, "room": "9"}])
        assert sorted(intake.find(tx, Wanted(visits=wanted)).visits) == [
            rows[0]._replace(bed="A", discharged_at=5),
            rows[1]._replace(room="9"),
        ]


def test_orders_by_number_in_its_role_and_organisation(store: Store, site: Site) -> None:
    with store.write() as tx:
        patient = patient_row(tx, site)
        intake.insert_patients(tx, [patient])
        rows = [
            order_row(tx, site, patient.id, 1, placer_number="1", filler_number="2", prescription_number="3"),
            order_row(tx, site, patient.id, 1, filler_number="1"),
            order_row(tx, site, patient.id, 1, prescription_number="1", organisation_id=site.elm),
            order_row(tx, site, patient.id, 1),
        ]
        intake.insert_orders(tx, rows)
        here = {site.organisation}

        def found(organisation_ids: set[int], **numbers: list[str]) -> list[OrderRow]:
            return sorted(intake.find(tx, Wanted(organisation_ids=organisation_ids, **numbers)).orders)

        assert found(here, placer_numbers=["1", "", "x"], filler_numbers=["2"]) == rows[:1]
        assert found(here, placer_numbers=["1"], filler_numbers=["1"]) == rows[:2]
        assert found(here, prescription_numbers=["1"]) == []
        assert found({site.elm, *here}, prescription_numbers=["1"]) == rows[2:3]
        assert found(here, placer_numbers=[""]) == []


def test_a_number_that_everyone_uses_finds_the_patients_own_order_and_few_others(store: Store, site: Site) -> None:
    """Some senders number every order 1; a batch must not read all of them."""
    with store.write() as tx:
        crowd = [patient_row(tx, site) for _ in range(3)]
        intake.insert_patients(tx, crowd)
        rows = [order_row(tx, site, crowd[n % 2].id, 1, placer_number="1") for n in range(400)]
        own = order_row(tx, site, crowd[2].id, 1, placer_number="1")
        intake.insert_orders(tx, [*rows, own])
        intake.insert_identifiers(tx, [identifier_row(site, crowd[2].id, "7")])
        wanted = Wanted(
            identifiers=[(site.organisation, "MR", "OAK", "7")],
            organisation_ids={site.organisation},
            placer_numbers=["1"],
        )
        found = intake.find(tx, wanted).orders
    assert own in found
    assert 2 <= len(found) <= intake.SHARED_NUMBERS + 1


def test_orders_without_numbers_by_their_facts(store: Store, site: Site) -> None:
    with store.write() as tx:
        patient = patient_row(tx, site)
        intake.insert_patients(tx, [patient])
        rows = [
            order_row(tx, site, patient.id, 1, digest=digest("a")),
            order_row(tx, site, patient.id, 1, digest=digest("b"), placer_number="1"),
        ]
        intake.insert_orders(tx, rows)
        assert intake.orders_by_digest(tx, [digest("a"), digest("b"), digest("c")]) == rows[:1]
        assert intake.orders_by_digest(tx, []) == []


def test_orders_are_updated_each_with_its_own_columns(store: Store, site: Site) -> None:
    with store.write() as tx:
        patient = patient_row(tx, site)
        intake.insert_patients(tx, [patient])
        rows = [order_row(tx, site, patient.id, 1, placer_number=str(i)) for i in (1, 2, 3)]
        intake.insert_orders(tx, rows)
        intake.update_orders(
            tx,
            [
                {"id": rows[0].id, "status": "held", "stop_at": None},
                {"id": rows[1].id, "filler_number": "F"},
                rows[2]._replace(version=2, stop_at=7, digest=digest("new")),
            ],
        )
        wanted = Wanted(organisation_ids={site.organisation}, placer_numbers=["1", "2", "3"])
        found = sorted(intake.find(tx, wanted).orders)
    assert found == [
        rows[0]._replace(status="held"),
        rows[1]._replace(filler_number="F"),
        rows[2]._replace(version=2, stop_at=7, digest=digest("new")),
    ]


def test_an_acknowledgement_nobody_took(store: Store, site: Site) -> None:
    with store.write() as tx:
        rows = [message_row(tx, site) for _ in range(3)]
        intake.insert_messages(tx, rows)
        intake.mark_undeliverable(tx, [rows[0].id, rows[2].id])
        intake.mark_undeliverable(tx, [])
    with store.read() as tx:
        assert [row.ack_outcome for row in messages.listed(tx)] == ["undeliverable", "written", "undeliverable"]


def test_text_no_database_can_hold_is_marked_not_refused(store: Store, site: Site) -> None:
    with store.write() as tx:
        rows = [message_row(tx, site, control_id=text) for text in ("plain", "lone\ud800", "last")]
        intake.insert_messages(tx, rows)
        intake.insert_bodies(tx, [BodyRow(row.id, pack(b"", Like.MESSAGE), b"", "[]") for row in rows])
    with store.read() as tx:
        assert [row.control_id for row in messages.listed(tx)] == ["last", "lone?", "plain"]
        assert [row.control_id for row in intake.find(tx, Wanted(control_ids=["lone\ud800"])).messages] == ["lone?"]


def test_every_topic_that_was_touched_is_told(store: Store, site: Site) -> None:
    told: list[frozenset[str]] = []
    store.writer.on_commit(told.append)
    with store.write() as tx:
        add_chain(tx, site)
    with store.write() as tx:
        tx.id()
    assert told == [frozenset({"messages", "orders", "deliveries", f"deliveries:{site.connector}"})]
