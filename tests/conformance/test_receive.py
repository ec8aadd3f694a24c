"""Receiving, as section 3 of the design has it, on both databases and through the real group commit."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Table, func, select
from tests.support.hub import SITE, site_store
from tests.support.samples import rde_o11

from officina.actions import site
from officina.actions.receive import Kept, Reading, Receive, Results, Source, process_again, read
from officina.errors import Conflict
from officina.order.order import facts_of
from officina.packed import unpack
from officina.store import Store, schema
from officina.wire import er7

SUBSCRIBED = (
    SITE
    + """
[[connector]]
name = "cabinet"
kind = "mllp_sender"
state = "suspended"
settings = { host = "127.0.0.1", port = 1 }

[[subscription]]
name = "orders of the oaks"
event = "order.*"
place = "TREES"
connector = "cabinet"
payload = "source"
"""
)


NUMBERS = ("placer_number", "filler_number", "prescription_number")


class Desk:
    """Takes messages in as the hub does and looks into the book."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.read() as tx:
            self._site = site.load_site(tx)
        connector = self._site.connectors["pharmacy"]
        self.source = Source(connector.id, connector.name, connector.profile, connector.routes)
        self._results: Results = []
        self._arrived = threading.Condition()
        self.receive = Receive(lambda: self._site.subscriptions, self._done)

    def _done(self, results: Results) -> None:
        with self._arrived:
            self._results += results
            self._arrived.notify()

    def take(self, *messages: bytes, at: int = 1_000_000) -> list[Kept]:
        """Offer messages at the same moment; what became of each, in their order."""
        return self.take_readings([read(raw, self.source, at=at) for raw in messages])

    def take_readings(self, readings: Sequence[Reading]) -> list[Kept]:
        self._results = []
        hold = threading.Event()
        self.store.writer.submit(lambda tx: hold.wait(10))  # so that all of them wait for one commit
        for reading in readings:
            self.store.writer.enqueue(self.receive, [reading])
        hold.set()
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self._results) == len(readings), timeout=20)
        by_reading = {id(reading): result for reading, result in self._results}
        kept = [by_reading[id(reading)] for reading in readings]
        assert all(isinstance(each, Kept) for each in kept), kept
        return kept  # type: ignore[return-value]

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.store.read() as tx:
            return tx.execute(select(table).order_by(*table.primary_key)).mappings()

    def count(self, table: Table) -> int:
        with self.store.read() as tx:
            return int(tx.execute(select(func.count()).select_from(table)).scalar())

    def events(self) -> list[str]:
        return [row["kind"] for row in self.rows(schema.event) if row["kind"] != "site.applied"]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with site_store(database_url, SUBSCRIBED) as store:
        yield Desk(store)


def acks(kept: Kept) -> list[er7.Message]:
    return [er7.parse(answer) for answer in kept.answers]


def codes(desk: Desk, kept: Kept) -> list[str]:
    """The findings of a message."""
    (row,) = [each for each in desk.rows(schema.message_body) if each["message_id"] == kept.message_id]
    return [finding["code"] for finding in json.loads(row["findings"])]


def plain(control_id: str = "M1", **overrides: str) -> bytes:
    """A message whose sender asks for original mode."""
    return rde_o11(control_id=control_id, **{"MSH-15": "", "MSH-16": "", **overrides})


def test_an_order_stands_in_the_book_with_all_that_belongs_to_it(desk: Desk) -> None:
    raw = plain()
    (kept,) = desk.take(raw)

    assert (kept.state, kept.reason) == ("accepted", "")
    (ack,) = acks(kept)
    assert (ack.get("MSA-1"), ack.get("MSA-2")) == ("AA", "M1")
    (message,) = desk.rows(schema.message)
    assert (message["state"], message["ack_code"], message["ack_outcome"]) == ("accepted", "AA", "written")
    assert (message["control_id"], message["type"], message["facility_code"]) == ("M1", "RDE^O11", "OAKS")
    (body,) = desk.rows(schema.message_body)
    assert unpack(body["raw"]) == raw
    assert bytes(body["answer"]) == kept.answers[0]
    (patient,) = desk.rows(schema.patient)
    assert (patient["family"], patient["given"], patient["born_on"], patient["sex"]) == (
        "Marlowe",
        "Edith",
        "1938-04-12",
        "F",
    )
    assert {(row["type"], row["value"]) for row in desk.rows(schema.patient_identifier)} == {
        ("PI", "100234"),
        ("SS", "900-88-7777"),
    }
    (visit,) = desk.rows(schema.visit)
    assert (visit["number"], visit["point_of_care"], visit["room"], visit["bed"]) == ("V20260101", "West", "12", "A")
    (order,) = desk.rows(schema.order)
    assert (order["placer_number"], order["filler_number"], order["prescription_number"]) == (
        "PL-77812",
        "RX-55120",
        "RX-55120",
    )
    assert (order["status"], order["control"], order["version"]) == ("active", "NW", 1)
    assert (order["drug_code"], order["drug_text"]) == ("00071015523", "Atorvastatin 20 MG Tab")
    assert order["directions"] == "Take one tablet & a glass of water twice daily"
    assert (order["patient_id"], order["visit_id"], order["message_id"]) == (patient["id"], visit["id"], message["id"])
    (version,) = desk.rows(schema.order_version)
    assert (version["order_id"], version["number"], version["message_id"]) == (order["id"], 1, message["id"])
    assert facts_of(version["facts"])["drug_text"] == "Atorvastatin 20 MG Tab"
    assert desk.events() == ["patient.registered", "order.created"]
    (delivery,) = desk.rows(schema.delivery)
    created = [row for row in desk.rows(schema.event) if row["kind"] == "order.created"]
    assert (delivery["event_id"], delivery["state"]) == (created[0]["id"], "queued")
    assert (created[0]["actor"], created[0]["message_id"]) == ("connector:pharmacy", message["id"])


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "one after the other"])
def test_the_same_message_again_gets_the_stored_answer_and_has_no_effect(desk: Desk, together: bool) -> None:
    if together:
        first, second = desk.take(plain(), plain())
    else:
        (first,), (second,) = desk.take(plain(), at=1_000_000), desk.take(plain(), at=9_000_000_000)

    assert (second.state, second.reason) == ("duplicate", "message_repeated")
    assert second.answers == first.answers
    assert desk.rows(schema.message)[1]["duplicate_of"] == first.message_id
    assert [desk.count(table) for table in (schema.order, schema.order_version, schema.delivery)] == [1, 1, 1]
    assert desk.events() == ["patient.registered", "order.created"]


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "one after the other"])
def test_the_same_order_under_a_new_control_id_is_linked_not_shown_twice(desk: Desk, together: bool) -> None:
    messages = (plain("M1"), plain("M2"))
    kept = desk.take(*messages) if together else [desk.take(raw)[0] for raw in messages]

    assert [(each.state, each.reason) for each in kept] == [("accepted", ""), ("duplicate", "order_repeated")]
    assert acks(kept[1])[0].get("MSA-1") == "AA"
    assert (desk.count(schema.order), desk.count(schema.order_version)) == (1, 1)
    repeated = [row for row in desk.rows(schema.event) if row["kind"] == "order.repeated"]
    assert [row["message_id"] for row in repeated] == [kept[1].message_id]
    assert repeated[0]["subject_id"] == desk.rows(schema.order)[0]["id"]


def test_the_same_control_id_with_other_content_is_processed_and_flagged(desk: Desk) -> None:
    desk.take(plain("M1"))
    (second,) = desk.take(plain("M1", placer_number="PL-2", filler_number="RX-2", prescription_number="RX-2"))

    assert second.state == "accepted"
    assert desk.count(schema.order) == 2
    findings = json.loads(desk.rows(schema.message_body)[1]["findings"])
    assert "control_id_reused" in [finding["code"] for finding in findings]


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "one after the other"])
def test_a_changed_order_is_a_new_version(desk: Desk, together: bool) -> None:
    messages = (plain("M1"), plain("M2", control="XO", directions="One tablet in the morning"))
    kept = desk.take(*messages) if together else [desk.take(raw)[0] for raw in messages]

    assert [each.state for each in kept] == ["accepted", "accepted"]
    (order,) = desk.rows(schema.order)
    assert (order["version"], order["status"], order["directions"]) == (2, "changed", "One tablet in the morning")
    versions = desk.rows(schema.order_version)
    assert [(row["number"], facts_of(row["facts"])["directions"]) for row in versions] == [
        (1, "Take one tablet & a glass of water twice daily"),
        (2, "One tablet in the morning"),
    ]
    assert desk.events() == ["patient.registered", "order.created", "order.changed"]


def test_an_unknown_facility_parks_the_message(desk: Desk) -> None:
    (kept,) = desk.take(plain(facility="NOWHERE"))

    assert (kept.state, kept.reason) == ("parked", "facility_unknown")
    assert acks(kept)[0].get("MSA-1") == "AA"
    assert desk.count(schema.order) == 0
    assert desk.events() == ["message.parked"]


def test_what_is_no_code_is_not_quoted_as_one(desk: Desk) -> None:
    desk.take(plain("M1", facility="NOWHERE"), plain("M2", facility="Mrs Miller, born 1940-02-03, room 5"))
    first, second = (row["findings"] for row in desk.rows(schema.message_body))
    assert "facility code NOWHERE is" in first
    assert "Miller" not in second


def test_a_message_of_another_kind_is_rejected_with_its_place(desk: Desk) -> None:
    (kept,) = desk.take(plain(message_type="ORU", trigger="R01"))

    assert (kept.state, kept.reason) == ("rejected", "type_refused")
    (ack,) = acks(kept)
    assert (ack.get("MSA-1"), ack.get("MSA-2")) == ("AR", "M1")
    # ERR-2 location, ERR-3 code of table 0357: unsupported message type
    assert (ack.get("ERR-2.1"), ack.get("ERR-2.3"), ack.get("ERR-3.1")) == ("MSH", "9", "200")
    assert desk.events() == ["message.rejected"]


def test_what_has_no_effect_is_seen_at_its_place_all_the_same(desk: Desk) -> None:
    ignored, refused, elsewhere = desk.take(
        plain("M1", message_type="ADT", trigger="A08"),
        plain("M2", control="ZZ"),
        plain("M3", message_type="ADT", trigger="A08", facility="NOWHERE"),
    )
    assert [each.state for each in (ignored, refused, elsewhere)] == ["ignored", "rejected", "ignored"]
    place_id = desk.source.routes["OAKS"].place_id
    assert [row["place_id"] for row in desk.rows(schema.message)] == [place_id, place_id, None]
    (told,) = [row for row in desk.rows(schema.event) if row["kind"] == "message.rejected"]
    assert told["place_id"] == place_id


def test_what_cannot_be_read_is_kept_and_refused(desk: Desk) -> None:
    raw = b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"
    (kept,) = desk.take(raw)

    assert kept.state == "unreadable"
    assert acks(kept)[0].get("MSA-1") == "AR"
    assert unpack(desk.rows(schema.message_body)[0]["raw"]) == raw


def test_an_order_for_nobody_is_rejected(desk: Desk) -> None:
    (kept,) = desk.take(plain(**{"PID-3": ""}))
    assert (kept.state, acks(kept)[0].get("MSA-1")) == ("rejected", "AR")
    assert acks(kept)[0].get("ERR-2.1") == "PID"


def test_an_acknowledgement_is_never_acknowledged(desk: Desk) -> None:
    (kept,) = desk.take(b"MSH|^~\\&|A|B|C|D|20260101||ACK^O11^ACK|9|P|2.5.1\rMSA|AA|1\r")
    assert (kept.state, kept.answers) == ("ignored", [])
    assert desk.rows(schema.message)[0]["ack_outcome"] == "none"


def test_the_senders_enhanced_mode_is_followed(desk: Desk) -> None:
    both = {"MSH-15": "AL", "MSH-16": "AL"}
    accepted, rejected, silent = desk.take(
        rde_o11(control_id="E1", **both),
        rde_o11(control_id="E2", **both, **{"PID-3": ""}),
        rde_o11(control_id="E3", **{"MSH-15": "NE", "MSH-16": "NE"}),
    )
    assert [ack.get("MSA-1") for ack in acks(accepted)] == ["CA", "AA"]
    assert [ack.get("MSA-1") for ack in acks(rejected)] == ["CR"]
    assert silent.answers == []


def test_hl7_null_clears_and_empty_leaves_unchanged(desk: Desk) -> None:
    desk.take(plain("M1"))
    desk.take(plain("M2", **{"PID-5.3": '""', "PID-8": "", "PV1-3.3": '""', "PV1-3.2": "14", "PV1-7": ""}))

    (patient,) = desk.rows(schema.patient)
    assert (patient["middle"], patient["sex"]) == ("", "F")
    (visit,) = desk.rows(schema.visit)
    assert (visit["bed"], visit["room"]) == ("", "14")
    assert visit["attending"] != ""
    changed = [row for row in desk.rows(schema.event) if row["kind"] == "patient.changed"]
    assert json.loads(changed[0]["detail"]) == {"fields": ["middle"]}


def test_two_patients_never_share_an_order(desk: Desk) -> None:
    other = plain("M2", patient_id="900", **{"PID-3[2].1": "900-00-0000"}, family="Okafor")
    kept = desk.take(plain("M1"), other)

    assert [each.state for each in kept] == ["accepted", "accepted"]
    orders = desk.rows(schema.order)
    assert len({row["patient_id"] for row in orders}) == 2
    findings = json.loads(desk.rows(schema.message_body)[1]["findings"])
    assert "number_of_other_patient" in [finding["code"] for finding in findings]


def test_two_pharmacies_may_number_their_orders_alike(desk: Desk) -> None:
    def sent(control_id: str, namespace: str, filler: str, control: str = "NW") -> bytes:
        placer = {"ORC-2.1": "77", "ORC-2.2": namespace}
        return plain(control_id, **placer, filler_number=filler, prescription_number="", control=control)

    for message in (sent("M1", "A", "88"), sent("M2", "B", "99"), sent("M3", "A", "", "DC")):
        desk.take(message)

    orders = [(row["placer_number"], row["filler_number"], row["status"]) for row in desk.rows(schema.order)]
    assert orders == [("77", "88", "discontinued"), ("77", "99", "active")]


def test_a_change_of_the_own_order_says_so_where_another_patient_has_its_number(desk: Desk) -> None:
    other = {"patient_id": "900", "PID-3[2].1": "900-00-0000", "family": "Okafor", "given": "Grace"}
    desk.take(plain("M1"), plain("M2", **other))
    (kept,) = desk.take(plain("M3", control="XO", directions="One tablet in the morning"))

    assert codes(desk, kept) == ["number_of_two_patients"]
    assert [row["version"] for row in desk.rows(schema.order)] == [2, 1]


def test_one_message_may_hold_several_orders(desk: Desk) -> None:
    head, first, rest = plain().partition(b"ORC|")
    second = (first + rest).replace(b"PL-77812", b"PL-2").replace(b"RX-55120", b"RX-2").replace(b"Atorva", b"Simva")
    (kept,) = desk.take(head + first + rest + second)

    assert kept.state == "accepted"
    assert [row["drug_text"] for row in desk.rows(schema.order)] == ["Atorvastatin 20 MG Tab", "Simvastatin 20 MG Tab"]
    assert {row["message_id"] for row in desk.rows(schema.order_version)} == {kept.message_id}


def test_the_orders_of_two_patients_in_one_message_are_refused(desk: Desk) -> None:
    _, order, rest = plain().partition(b"ORC|")
    second = (order + rest).replace(b"PL-77812", b"PL-2").replace(b"RX-55120", b"RX-2")
    (kept,) = desk.take(plain() + b"PID|2||200555^^^SUNRISE^PI||Okafor^Grace\r" + second)

    assert (kept.state, kept.reason) == ("rejected", "several_patients")
    (ack,) = acks(kept)
    assert (ack.get("MSA-1"), ack.get("ERR-2.1"), ack.get("ERR-2.2")) == ("AR", "PID", "2")
    assert (desk.count(schema.order), desk.count(schema.patient)) == (0, 0)
    assert desk.rows(schema.message)[0]["place_id"] is None, "one of them may be of another place"


def test_a_message_that_fails_fails_alone(desk: Desk) -> None:
    """A reading that no decision fits stands for a defect of the hub; those around it are kept exactly once."""
    good = [
        read(
            plain(f"M{n}", placer_number=f"P{n}", filler_number=f"F{n}", prescription_number=f"F{n}"), desk.source, at=1
        )
        for n in range(7)
    ]
    broken = read(plain("BAD"), desk.source, at=1)
    broken.assembled = None
    kept = desk.take_readings([*good[:3], broken, *good[3:]])

    assert [each.state for each in kept] == ["accepted"] * 3 + ["failed"] + ["accepted"] * 4
    assert acks(kept[3])[0].get("MSA-1") == "AE"
    assert desk.count(schema.message) == 8
    assert desk.count(schema.order) == 7
    assert desk.events().count("order.created") == 7
    assert desk.events().count("message.failed") == 1


def test_a_message_that_meets_a_defect_while_it_is_read_is_kept_and_may_be_sent_again(desk: Desk) -> None:
    raw = rde_o11(**{"PID-5.1": "Muller"}).replace(b"Muller", b"M\xfcller")
    reading = read(raw, dataclasses.replace(desk.source, fallback_charset="nonsense"), at=1_000_000)
    (kept,) = desk.take_readings([reading])
    assert (kept.state, kept.reason) == ("failed", "internal")
    assert er7.parse(kept.answers[0]).get("MSA-1") == "CE"  # the sample asks for accept acknowledgements (MSH-15 AL)
    assert unpack(desk.rows(schema.message_body)[0]["raw"]) == raw


def test_a_failed_message_may_be_sent_again(desk: Desk) -> None:
    broken = read(plain("M1"), desk.source, at=1)
    broken.assembled = None
    assert desk.take_readings([broken])[0].state == "failed"
    (kept,) = desk.take(plain("M1"))
    assert kept.state == "accepted"


def test_messages_without_a_control_id_are_told_apart_by_content(desk: Desk) -> None:
    kept = desk.take(plain(""), plain(""), plain("", placer_number="P2", filler_number="F2", prescription_number="F2"))
    assert [each.state for each in kept] == ["accepted", "duplicate", "accepted"]
    assert desk.count(schema.order) == 2


def test_a_discontinuation_ends_the_order_it_names(desk: Desk) -> None:
    desk.take(plain("M1"))
    (kept,) = desk.take(plain("M2", control="DC"))
    assert kept.state == "accepted"
    (order,) = desk.rows(schema.order)
    assert (order["status"], order["version"]) == ("discontinued", 2)


def test_stopping_an_order_nobody_knows_is_kept_and_said(desk: Desk) -> None:
    (kept,) = desk.take(plain("M1", control="DC"))
    assert (kept.state, codes(desk, kept)) == ("accepted", ["order_unknown"])
    assert desk.rows(schema.order)[0]["status"] == "discontinued"


def test_an_order_that_had_ended_is_not_followed_again_silently(desk: Desk) -> None:
    desk.take(plain("M1"), plain("M2", control="DC"))
    (kept,) = desk.take(plain("M3", directions="One tablet in the morning"))
    assert (desk.rows(schema.order)[0]["status"], codes(desk, kept)) == ("changed", ["order_revived"])


def test_a_replaced_order_ends_and_its_replacement_stands(desk: Desk) -> None:
    """HL7 2.5.1 chapter 4.5.1.1: ORC|RP for what is replaced, then ORC|RO with the order in its stead."""
    desk.take(plain("M1"))
    head, order, rest = plain("M2", control="RO", **dict.fromkeys(NUMBERS, "P2"), drug_text="Rosuvastatin").partition(
        b"ORC|"
    )
    (kept,) = desk.take(head + b"ORC|RP|PL-77812|RX-55120\r" + order + rest)

    assert kept.state == "accepted"
    orders = [(row["drug_text"], row["status"]) for row in desk.rows(schema.order)]
    assert orders == [("Atorvastatin 20 MG Tab", "discontinued"), ("Rosuvastatin", "active")]


RXD = b"RXD|1|00071015599^Atorvastatin pack^NDC|20260715|30|TAB||RX-55120\r"


def test_the_order_again_after_its_dispense_is_linked_not_shown_twice(desk: Desk) -> None:
    head, order, rest = plain("M2", message_type="RDS", trigger="O13", control="RE").partition(b"ORC|")
    desk.take(plain("M1"))
    desk.take(head + order + rest.partition(b"RXE|")[0] + RXD)
    (kept,) = desk.take(plain("M3"))

    assert (kept.state, kept.reason) == ("duplicate", "order_repeated")
    (row,) = desk.rows(schema.order)
    assert (row["status"], row["version"]) == ("active", 2)

    desk.take(plain("M4", control="XO", directions="One tablet in the morning"))
    (row,) = desk.rows(schema.order)
    facts = facts_of(desk.rows(schema.order_version)[-1]["facts"])
    assert (row["status"], facts["directions"], facts["dispensed_quantity"]) == (
        "changed",
        "One tablet in the morning",
        "30",
    )


def test_a_late_repetition_wakes_no_order_whose_discontinuation_said_more(desk: Desk) -> None:
    stop = plain("M2", control="DC", **{"TQ1-8": "20260720", "RXE-1": ""})
    desk.take(plain("M1"), stop)
    (kept,) = desk.take(plain("M3"))

    assert (kept.state, kept.reason) == ("duplicate", "order_repeated")
    assert desk.rows(schema.order)[0]["status"] == "discontinued"


def test_z_segments_are_kept_and_never_a_reason_to_refuse(desk: Desk) -> None:
    raw = plain() + b"ZPI|1|anything^goes|\\E\\\rZZZ\r"
    (kept,) = desk.take(raw)
    assert kept.state == "accepted"
    assert unpack(desk.rows(schema.message_body)[0]["raw"]) == raw


def test_identifiers_of_two_patients_in_one_message_merge_nobody(desk: Desk) -> None:
    def sent(patient: str, social: str, number: str) -> bytes:
        return plain(number, patient_id=patient, **{"PID-3[2].1": social}, placer_number=number, filler_number=number)

    desk.take(sent("1", "900-00-0001", "M1"), sent("2", "900-00-0002", "M2"))
    (kept,) = desk.take(sent("1", "900-00-0002", "M3"))
    assert kept.state == "accepted"
    assert desk.count(schema.patient) == 2
    findings = json.loads(desk.rows(schema.message_body)[2]["findings"])
    assert "identifiers_conflict" in [finding["code"] for finding in findings]


# --- whose it is ---


def of(control_id: str, identifiers: str, name: str, born_on: str, **overrides: str) -> bytes:
    """A message of one's own order for the patient; ``identifiers`` and ``name`` as they stand in PID-3 and PID-5."""
    family, _, given = name.partition("^")
    words = {"family": family, "given": given, "born_on": born_on, **dict.fromkeys(NUMBERS, control_id), **overrides}
    lines = plain(control_id, **words).split(b"\r")
    pid = lines[1].split(b"|")
    pid[3] = identifiers.encode()
    return b"\r".join([lines[0], b"|".join(pid), *lines[2:]])


def names(desk: Desk) -> list[tuple[str, str]]:
    return [(row["family"], row["born_on"]) for row in desk.rows(schema.patient)]


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "one after the other"])
def test_a_shared_social_security_number_makes_no_two_people_one(desk: Desk, together: bool) -> None:
    ann = of("1", "M1^^^H^MR~999-99-9999^^^SSA^SS", "Alpha^Ann", "19500101")
    bob = of("2", "M2^^^H^MR~999-99-9999^^^SSA^SS", "Beta^Bob", "19600202")
    kept = desk.take(ann, bob) if together else [desk.take(raw)[0] for raw in (ann, bob)]

    assert names(desk) == [("Alpha", "1950-01-01"), ("Beta", "1960-02-02")]
    assert codes(desk, kept[1]) == ["identifier_of_other_patient"]
    assert len({row["patient_id"] for row in desk.rows(schema.order)}) == 2
    again = desk.take(of("3", "M2^^^H^MR~999-99-9999^^^SSA^SS", "Beta^Bob", "19600202"))[0]
    assert codes(desk, again) == ["identifiers_conflict"]
    assert desk.rows(schema.order)[2]["patient_id"] == desk.rows(schema.order)[1]["patient_id"]


def test_a_number_under_which_the_book_has_somebody_else_parks_the_message(desk: Desk) -> None:
    desk.take(of("1", "M1^^^H^MR", "Alpha^Ann", "19500101"))
    raw = of("2", "M1^^^H^MR", "Beta^Bob", "19600202")
    (kept,) = desk.take(raw)

    assert (kept.state, kept.reason, acks(kept)[0].get("MSA-1")) == ("parked", "patient_differs", "AA")
    assert codes(desk, kept) == ["patient_differs"]
    assert names(desk) == [("Alpha", "1950-01-01")]
    assert desk.count(schema.order) == 1
    assert desk.events()[-1] == "message.parked"
    assert desk.rows(schema.message)[1]["place_id"] == desk.rows(schema.message)[0]["place_id"]
    assert again(desk, kept.message_id).reason == "patient_differs"


def test_a_social_security_number_alone_finds_whom_name_and_birth_date_confirm(desk: Desk) -> None:
    desk.take(of("1", "M1^^^H^MR~999-99-9999^^^SSA^SS", "Alpha^Ann", "19500101"))
    same, other = desk.take(
        of("2", "999-99-9999^^^SSA^SS", "ALPHA^ANN", "19500101"),
        of("3", "999-99-9999^^^SSA^SS", "Alpha^Amy", "19500101"),
    )

    assert (same.state, other.state, other.reason) == ("accepted", "parked", "patient_uncertain")
    assert desk.count(schema.patient) == 1


# --- processing again, once a person removed the cause ---


def again(desk: Desk, message_id: int, source: Source | None = None) -> Kept:
    (row,) = [each for each in desk.rows(schema.message_body) if each["message_id"] == message_id]
    reading = read(unpack(row["raw"]), source or desk.source, at=5_000_000)
    work = desk.store.writer.submit(lambda tx: process_again(tx, message_id, reading, [], actor="person:ada"))
    return work.result(20)


def mapped(desk: Desk, code: str = "NEW") -> Source:
    """The connector once a person has added the code to the map."""
    return dataclasses.replace(desk.source, routes={**desk.source.routes, code: desk.source.routes["OAKS"]})


def test_a_parked_message_takes_effect_once_its_code_is_mapped(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW"))
    kept = again(desk, parked.message_id, mapped(desk))

    assert (kept.message_id, kept.state, kept.answers) == (parked.message_id, "accepted", [])
    (message,) = desk.rows(schema.message)
    assert (message["state"], message["reason"], message["ack_code"]) == ("accepted", "", "AA")
    assert message["received_at"] == 1_000_000
    (order,) = desk.rows(schema.order)
    assert order["message_id"] == parked.message_id
    assert message["patient_id"] == order["patient_id"]
    assert "facility_unknown" not in desk.rows(schema.message_body)[0]["findings"]
    assert desk.events() == ["message.parked", "message.processed_again", "patient.registered", "order.created"]
    (told,) = [row for row in desk.rows(schema.event) if row["kind"] == "message.processed_again"]
    assert told["actor"] == "person:ada"
    assert json.loads(told["detail"]) == {"from": "parked", "to": "accepted", "reason": ""}


def test_processing_again_changes_nothing_where_the_cause_remains(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW"))
    assert again(desk, parked.message_id).state == "parked"
    assert desk.count(schema.order) == 0
    assert desk.rows(schema.message)[0]["reason"] == "facility_unknown"


def test_what_stands_is_not_processed_again(desk: Desk) -> None:
    (accepted,) = desk.take(plain("M1"))
    with pytest.raises(Conflict, match="accepted cannot be processed again"):
        again(desk, accepted.message_id)
    assert (desk.count(schema.order), desk.count(schema.order_version)) == (1, 1)


def test_an_order_that_came_meanwhile_is_not_doubled(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW"))
    desk.take(plain("M2"))
    kept = again(desk, parked.message_id, mapped(desk))
    assert (kept.state, kept.reason) == ("duplicate", "order_repeated")
    assert (desk.count(schema.order), desk.count(schema.order_version)) == (1, 1)


def test_a_late_message_revives_no_order_that_newer_ones_stopped(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW", **{"RXE-3": "5"}))
    for control_id, control, dose in (("M2", "NW", "5"), ("M3", "XO", "2"), ("M4", "DC", "2")):
        desk.take(plain(control_id, control=control, **{"RXE-3": dose}), at=2_000_000)
    kept = again(desk, parked.message_id, mapped(desk))

    assert (kept.state, kept.reason) == ("accepted", "older_than_current")
    assert codes(desk, kept) == ["older_than_current"]
    (order,) = desk.rows(schema.order)
    assert (order["status"], order["version"]) == ("discontinued", 3)
    assert facts_of(desk.rows(schema.order_version)[-1]["facts"])["dose"] == "2"
    (told,) = [row for row in desk.rows(schema.event) if row["kind"] == "order.passed_over"]
    assert (told["subject_id"], told["message_id"]) == (order["id"], parked.message_id)


def test_a_late_order_is_known_by_the_drug_it_had_then(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW"))
    desk.take(plain("M2"))
    desk.take(plain("M3", control="XO", drug_code="00781150801", drug_text="Rosuvastatin 10 MG Tab"))
    kept = again(desk, parked.message_id, mapped(desk))

    assert (kept.state, kept.reason) == ("accepted", "older_than_current")
    assert [row["drug_text"] for row in desk.rows(schema.order)] == ["Rosuvastatin 10 MG Tab"]


def test_a_late_order_completes_one_of_which_only_the_end_is_known(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW"))
    desk.take(plain("M2", control="DC").partition(b"RXE|")[0])
    kept = again(desk, parked.message_id, mapped(desk))

    assert (kept.state, kept.reason) == ("accepted", "older_than_current")
    (row,) = desk.rows(schema.order)
    assert (row["status"], row["control"], row["version"]) == ("discontinued", "DC", 2)
    assert (row["drug_text"], row["start_at"] is not None) == ("Atorvastatin 20 MG Tab", True)
    assert desk.take(plain("M3"))[0].reason == "order_repeated"


def test_a_late_discontinuation_stops_an_order_that_was_only_dispensed_meanwhile(desk: Desk) -> None:
    desk.take(plain("M1"))
    (parked,) = desk.take(plain("M2", control="DC", facility="NEW"))
    head, order, rest = plain("M3", message_type="RDS", trigger="O13", control="RE").partition(b"ORC|")
    desk.take(head + order + rest.partition(b"RXE|")[0] + RXD)
    kept = again(desk, parked.message_id, mapped(desk))

    assert (kept.state, kept.reason) == ("accepted", "")
    assert desk.rows(schema.order)[0]["status"] == "discontinued"


def test_a_late_message_overwrites_nothing_newer_of_patient_and_stay(desk: Desk) -> None:
    (parked,) = desk.take(plain("M1", facility="NEW", room="12", **{"PID-11.1": "1 Old Lane", "PID-13": "555-0101"}))
    desk.take(plain("M2", room="14", **{"PID-11.1": "2 New Lane"}), at=2_000_000)
    again(desk, parked.message_id, mapped(desk))

    (patient,), (visit,) = desk.rows(schema.patient), desk.rows(schema.visit)
    assert patient["address"].startswith("2 New Lane")
    assert patient["phone"] == "555-0101", "what nobody said since is still news"
    assert visit["room"] == "14"
