"""Messages over REST: lists, envelope, content, submission."""

from __future__ import annotations

import asyncio
import threading

import pytest
from tests.api.conftest import AT, CANARY, HL7, Hub, both
from tests.support.samples import rde_o11

from officina.clock import SECOND, iso
from officina.store import messages, retention
from officina.wire import batch, er7


@both
async def test_a_submitted_message_becomes_an_order_and_is_answered(hub: Hub) -> None:
    async with hub.partner() as partner:
        raw = rde_o11("MSG1")
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=raw, headers=HL7)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert (body["state"], body["outcome"]) == ("accepted", "accept")
        assert "MSA|AA|MSG1" in body["answers"][0].replace("MSA|CA", "MSA|AA")
        assert answer.headers["Location"] == f"/api/v1/messages/{body['message_id']}"

        shown = (await partner.get(f"/messages/{body['message_id']}")).json()
        assert (shown["control_id"], shown["type"], shown["state"]) == ("MSG1", "RDE^O11", "accepted")
        assert shown["place_id"] == hub.places["OAKS"]
        assert shown["received_at"] == iso(AT)
        assert [order["number"] for order in shown["orders"]] == [1]
        assert "order.created" in [event["kind"] for event in shown["events"]]


@pytest.mark.parametrize(
    ("raw", "state", "outcome"),
    [
        (rde_o11("M1", facility="NOWHERE"), "parked", "accept"),
        (b"this is no message", "unreadable", "reject"),
        (rde_o11("M2", message_type="ADT", trigger="A01"), None, None),
    ],
)
async def test_whatever_is_submitted_is_stored_and_the_outcome_says_what_became_of_it(
    hub: Hub, raw: bytes, state: str | None, outcome: str | None
) -> None:
    async with hub.partner() as partner:
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=raw, headers=HL7)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        if state:
            assert (body["state"], body["outcome"]) == (state, outcome)
        kept = await partner.get(f"/messages/{body['message_id']}/raw")
        assert kept.content == raw


FHS_BHS = b"FHS|^~\\&|PHARMSYS\rBHS|^~\\&|PHARMSYS\r"


@pytest.mark.parametrize(
    ("body", "code", "count"),
    [
        (rde_o11("M1", patient_id="1") + rde_o11("M2", patient_id="2"), "several_messages", "2 messages"),
        (FHS_BHS + rde_o11("M1") + rde_o11("M2") + rde_o11("M3") + b"BTS|3\rFTS|1\r", "several_messages", "3 messages"),
        (FHS_BHS + b"BTS|0\rFTS|1\r", "no_message", "no message"),
    ],
)
async def test_one_request_takes_one_message_or_nothing(hub: Hub, body: bytes, code: str, count: str) -> None:
    async with hub.partner() as partner:
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=body, headers=HL7)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert count in answer.json()["detail"]
        assert (await partner.get("/messages")).json()["items"] == []


async def test_a_batch_of_one_message_is_taken_as_over_mllp(hub: Hub) -> None:
    body = FHS_BHS + rde_o11("M1") + b"BTS|2\rFTS|1\r"
    async with hub.partner() as partner:
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=body, headers=HL7)
        assert (answer.status_code, answer.json()["state"]) == (201, "accepted")
        message, around = (await partner.get("/messages")).json()["items"]
        assert message["id"] == answer.json()["message_id"]
        assert (message["control_id"], around["reason"]) == ("M1", "batch_envelope")
        shown = (await partner.get(f"/messages/{around['id']}")).json()
        assert [(each["path"], each["code"]) for each in shown["findings"]] == [("BTS-1", "count-wrong")]


async def test_the_bytes_are_an_attachment_that_no_browser_shows(hub: Hub) -> None:
    message_id = await hub.receive(family="<script>")
    async with hub.partner() as partner:
        for part, start in (("raw", b"MSH|^~\\&|PHARMSYS"), ("answer", b"MSH|^~\\&|")):
            answer = await partner.get(f"/messages/{message_id}/{part}")
            assert answer.status_code == 200
            assert answer.content.startswith(start)
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment; ")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"


async def test_two_acknowledgements_are_a_run_of_messages(hub: Hub) -> None:
    raw = rde_o11("MSG1", **{"MSH-15": "AL", "MSH-16": "AL"})
    async with hub.partner() as partner:
        told = (await partner.post("/messages", params={"connector": "pharmacy"}, content=raw, headers=HL7)).json()
        answer = await partner.get(f"/messages/{told['message_id']}/answer")
    found = batch.split(answer.content).messages
    assert [er7.parse(each).get("MSA-1") for each in found] == ["CA", "AA"]
    assert [each.decode() for each in found] == told["answers"]


async def test_an_order_number_finds_what_came_of_none_of_its_messages(hub: Hub) -> None:
    parked = await hub.receive("M1", facility="NOWHERE", placer_number="PL-1")
    repeated = await hub.receive("M1", facility="NOWHERE", placer_number="PL-1")
    ignored = await hub.receive("M2", placer_number="PL-1", **{"ORC-1": "XX"})
    refused = await hub.receive("M3", placer_number="PL-1", **{"ORC-1": "QQ"})
    endless = await hub.receive("M4", placer_number="9" * 9000, **{"ORC-1": "QQ"})
    async with hub.partner() as partner:
        answer = await partner.get("/messages", params={"order_number": "PL-1"})
        assert [(item["id"], item["state"]) for item in answer.json()["items"]] == [
            (refused, "rejected"),
            (ignored, "ignored"),
            (repeated, "duplicate"),
            (parked, "parked"),
        ]
        assert (await partner.get(f"/messages/{endless}")).json()["state"] == "rejected"


async def test_lists_filter_by_what_people_search_by(hub: Hub) -> None:
    first = await hub.receive("MSG1")
    parked = await hub.receive(
        "MSG2", facility="NOWHERE", placer_number="PL-2", filler_number="", prescription_number=""
    )
    hub.clock.at += 3600 * SECOND
    late = await hub.receive("MSG3", placer_number="PL-3", filler_number="RX-3", prescription_number="RX-3")
    cases: list[tuple[dict[str, str], list[int]]] = [
        ({}, [late, parked, first]),
        ({"state": "parked"}, [parked]),
        ({"control_id": "MSG1"}, [first]),
        ({"facility_code": "NOWHERE"}, [parked]),
        ({"type": "RDE^O11"}, [late, parked, first]),
        ({"type": "RDE^O01"}, []),
        ({"order_number": "RX-3"}, [late]),
        ({"order_number": "PL-77812"}, [first]),
        ({"order_number": "PL-2"}, [parked]),
        ({"since": iso(AT + 1800 * SECOND)}, [late]),
        ({"until": iso(AT + 1800 * SECOND)}, [parked, first]),
        ({"direction": "out"}, []),
        ({"connector_id": "999"}, []),
    ]
    async with hub.partner() as partner:
        for params, expected in cases:
            answer = await partner.get("/messages", params=params)
            assert answer.status_code == 200, answer.text
            assert [message["id"] for message in answer.json()["items"]] == expected, params


async def test_the_envelope_says_nothing_of_the_patient(hub: Hub) -> None:
    message_id = await hub.receive(family=CANARY, facility="NOWHERE")
    async with hub.partner() as partner:
        for path in ("/messages", f"/messages/{message_id}"):
            assert CANARY not in (await partner.get(path)).text


@pytest.mark.parametrize("path", ["/messages/{}", "/messages/{}/raw", "/messages/{}/answer", "/messages/{}/tree"])
async def test_a_message_of_another_place_is_as_if_it_were_not_there(hub: Hub, path: str) -> None:
    here = await hub.receive("MSG1")
    elsewhere = await hub.receive("MSG2", facility="ELMS")
    nowhere = await hub.receive("MSG3", facility="NOWHERE")
    async with hub.partner(["messages.read", "messages.raw"], place="OAKS") as partner:
        assert [each["id"] for each in (await partner.get("/messages")).json()["items"]] == [here]
        assert (await partner.get(path.format(here))).status_code == 200
        absent = await partner.get(path.format(10**9))
        for other in (elsewhere, nowhere):
            hidden = await partner.get(path.format(other))
            assert hidden.status_code == absent.status_code == 404
            assert hidden.json() == absent.json()


async def test_the_content_needs_a_permission_of_its_own(hub: Hub) -> None:
    message_id = await hub.receive()
    async with hub.partner(["messages.read"]) as partner:
        assert (await partner.get(f"/messages/{message_id}")).status_code == 200
        for part in ("raw", "answer", "tree"):
            assert (await partner.get(f"/messages/{message_id}/{part}")).status_code == 403


@pytest.mark.parametrize("part", ["raw", "answer", "tree"])
async def test_reading_the_content_is_audited(hub: Hub, part: str) -> None:
    message_id = await hub.receive()
    async with hub.partner() as partner:
        await partner.get(f"/messages/{message_id}/{part}")
        audit = (await partner.get("/events", params={"audit": "true"})).json()["items"]
    with hub.store.read() as tx:
        row = messages.get(tx, message_id)
    assert row is not None
    assert [audit[0][name] for name in ("kind", "patient_id", "place_id", "detail")] == [
        "message.read",
        row.patient_id,
        row.place_id,
        {"message": message_id},
    ]
    assert audit[0]["actor"].startswith("key:")


async def test_the_tree_names_segments_and_fields(hub: Hub) -> None:
    message_id = await hub.receive()
    async with hub.partner() as partner:
        tree = (await partner.get(f"/messages/{message_id}/tree")).json()
    assert [segment["name"] for segment in tree["segments"]][:5] == ["MSH", "PID", "PV1", "ORC", "RXE"]
    fields = {field["path"]: field for segment in tree["segments"] for field in segment["fields"]}
    assert fields["RXE-2"]["title"] == "Give Code"
    assert "Atorvastatin 20 MG Tab" in str(fields["RXE-2"])


async def test_an_unreadable_message_has_no_tree_but_a_reason(hub: Hub) -> None:
    taken = await hub.intake.submit(b"this is no message", "pharmacy")
    async with hub.partner() as partner:
        answer = await partner.get(f"/messages/{taken.message_id}/tree")
    assert answer.status_code == 409
    assert answer.json()["code"] == "unreadable"


@pytest.mark.parametrize(
    ("params", "content", "headers", "status", "code"),
    [
        ({"connector": "nobody"}, b"MSH|", HL7, 404, "not_found"),
        ({}, b"MSH|", HL7, 422, "invalid"),
        ({"connector": "pharmacy"}, b" \r\n", HL7, 422, "body_empty"),
        ({"connector": "pharmacy"}, b"{}", {"Content-Type": "application/json"}, 415, "unsupported_media_type"),
        ({"connector": "pharmacy"}, b"MSH|" + b"x" * 100_000, HL7, 413, "too_large"),
    ],
)
async def test_what_cannot_be_submitted(
    hub: Hub, params: dict[str, str], content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    async with hub.partner() as partner:
        answer = await partner.post("/messages", params=params, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await partner.get("/messages")).json()["items"] == []


async def test_a_key_for_one_place_submits_nothing(hub: Hub) -> None:
    async with hub.partner(["messages.write", "messages.read"], place="OAKS") as partner:
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=rde_o11(), headers=HL7)
        assert answer.status_code == 403


async def test_a_process_without_an_intake_says_so(hub: Hub) -> None:
    hub.intake = None
    async with hub.partner() as partner:
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=rde_o11(), headers=HL7)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


async def test_a_caller_who_goes_away_costs_nobody_else_the_answer(hub: Hub) -> None:
    gate = threading.Event()
    held = hub.store.writer.submit(lambda tx: gate.wait(20))
    gone, staying = (
        asyncio.create_task(hub.intake.submit(rde_o11(control_id), "pharmacy")) for control_id in ("MSG1", "MSG2")
    )
    await asyncio.sleep(0)
    gone.cancel()
    gate.set()
    async with asyncio.timeout(20):
        assert (await staying).state == "duplicate"
        await asyncio.wrap_future(held)
    async with hub.partner() as partner:
        kept = (await partner.get("/messages")).json()["items"]
    assert [message["control_id"] for message in kept] == ["MSG2", "MSG1"]


@both
async def test_a_message_whose_effect_stands_is_not_processed_again(hub: Hub) -> None:
    async with hub.partner() as partner:
        answer = await partner.post("/messages", params={"connector": "pharmacy"}, content=rde_o11("MSG1"), headers=HL7)
        refused = await partner.post(f"/messages/{answer.json()['message_id']}/process-again")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert (await partner.post("/messages/999999/process-again")).status_code == 404


@both
async def test_a_parked_message_is_processed_again(hub: Hub) -> None:
    async with hub.partner() as partner:
        raw = rde_o11("MSG1", facility="NOWHERE")
        parked = (await partner.post("/messages", params={"connector": "pharmacy"}, content=raw, headers=HL7)).json()
        again = await partner.post(f"/messages/{parked['message_id']}/process-again")
        assert (again.status_code, again.json()["state"], again.json()["reason"]) == (200, "parked", "facility_unknown")
        shown = (await partner.get(f"/messages/{parked['message_id']}")).json()
        assert [event["kind"] for event in shown["events"]].count("message.processed_again") == 1
        assert [finding["code"] for finding in shown["findings"]] == ["facility_unknown"]


@both
@pytest.mark.parametrize("part", ["raw", "answer", "tree"])
async def test_of_what_is_no_longer_kept_it_is_said_that_it_was_there(hub: Hub, part: str) -> None:
    message_id = await hub.receive()
    with hub.store.write() as tx:
        retention.drop_bodies(tx, [message_id])
    async with hub.partner() as partner:
        content = await partner.get(f"/messages/{message_id}/{part}")
        found = (await partner.get(f"/messages/{message_id}")).json()
        again = await partner.post(f"/messages/{message_id}/process-again")
        assert (content.status_code, content.json()["code"]) == (410, "gone")
        assert (found["content_kept"], found["findings"], len(found["orders"])) == (False, [], 1)
        assert again.status_code == 410
        with hub.store.write() as tx:
            retention.drop_messages(tx, [message_id])
        for path in ("", f"/{part}"):
            gone = await partner.get(f"/messages/{message_id}{path}")
            assert (gone.status_code, gone.json()["detail"]) == (410, "this message is no longer kept")
        orders = (await partner.get("/orders")).json()["items"]
    assert [order["message_id"] for order in orders] == [message_id]
    async with hub.partner(["messages.read", "messages.raw"], place="ELMS") as partner:
        hidden, absent = [await partner.get(f"/messages/{number}") for number in (message_id, 10**9)]
    assert hidden.status_code == 404
    assert hidden.json() == absent.json()
