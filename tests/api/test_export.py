"""Messages taken away over REST: as filtered, in three forms, within the caller's rights, and written down."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from tests.api.conftest import CANARY, Hub, both
from tests.support.samples import rde_o11

from officina.actions.export import export, pages
from officina.store import events
from officina.store.events import EventFilter
from officina.store.messages import MessageFilter
from officina.wire import batch
from officina.workflow.rights import PERMISSIONS, Rights


async def exported(partner: httpx.AsyncClient, **query: str) -> httpx.Response:
    answer = await partner.get("/messages/export", params=query)
    assert answer.status_code == 200, answer.text
    return answer


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.content.splitlines()]


def told(hub: Hub) -> list[dict[str, Any]]:
    with hub.store.read() as tx:
        rows = events.listed(tx, EventFilter(kind="message.exported"))
    return [{**json.loads(row.detail), "patient_id": row.patient_id} for row in reversed(rows)]


@both
async def test_what_the_filters_find_leaves_in_the_order_it_came(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    ids = [await hub.receive(f"M{number}", placer_number=f"P{number}", family=CANARY) for number in range(3)]
    await hub.receive("OTHER", facility="NOWHERE")
    async with hub.partner() as partner:
        answer = await exported(partner, facility_code="OAKS", state="accepted")
        assert answer.headers["content-type"] == "application/x-ndjson"
        found = lines(answer)
        assert [line["id"] for line in found] == ids
        assert [line["raw"].encode() for line in found] == [
            rde_o11(f"M{number}", placer_number=f"P{number}", family=CANARY) for number in range(3)
        ]
        assert (found[0]["connector"], found[0]["place"]) == ("pharmacy", "OAKS")
    first, second = told(hub)
    assert (first["messages"], second["messages"], first["content"]) == (2, 1, 2)
    assert first["filters"] == {"state": "accepted", "facility_code": True}
    assert first["patient_id"] is not None
    assert CANARY not in str((first, second))


async def test_a_batch_holds_what_can_be_sent_again(hub: Hub) -> None:
    raws = [rde_o11(f"M{number}", placer_number=f"P{number}") for number in range(2)]
    for raw in (raws[0], b"this is no message", raws[1].rstrip(b"\r")):
        await hub.intake.submit(raw, "pharmacy")
    async with hub.partner() as partner:
        answer = await exported(partner, format="hl7")
    assert answer.content.startswith(b"BHS|^~\\&|OFFICINA||||2026")
    assert answer.content.endswith(b"BTS|2|1 left out\r")
    replay = batch.split(answer.content)
    assert (replay.messages, replay.remarks) == (raws, [])


async def test_bytes_that_are_no_text_leave_as_they_are(hub: Hub) -> None:
    raw = rde_o11("M1").replace(b"Marlowe", "Löwe".encode("latin-1"))
    await hub.intake.submit(raw, "pharmacy")
    async with hub.partner() as partner:
        (line,) = lines(await exported(partner))
    assert base64.b64decode(line["raw_base64"]) == raw
    assert "raw" not in line


async def test_content_leaves_only_where_it_may_be_read(hub: Hub) -> None:
    await hub.receive("M1", family=CANARY)
    await hub.receive("M2", facility="ELMS", placer_number="P2", patient_id="77")
    async with hub.partner(["messages.read"]) as partner:
        answer = await exported(partner)
        assert CANARY not in answer.text
        assert [line["control_id"] for line in lines(answer)] == ["M1", "M2"]
        refused = await partner.get("/messages/export", params={"format": "hl7"})
        assert (refused.status_code, refused.json()["detail"]) == (403, "this needs the permission messages.raw")
    async with hub.partner(["messages.read", "messages.raw"], place="ELMS") as partner:
        assert [line["control_id"] for line in lines(await exported(partner))] == ["M2"]
        assert b"M1" not in (await exported(partner, format="hl7")).content
    assert [each.get("content") for each in told(hub)] == [None, 1, 1]


async def test_a_table_says_nothing_of_what_messages_say(hub: Hub) -> None:
    await hub.receive("M1", family=CANARY)
    async with hub.partner() as partner:
        answer = await exported(partner, format="csv")
    assert answer.text.splitlines()[0].startswith("id,received_at,")
    assert "M1" in answer.text
    assert CANARY not in answer.text
    assert "content" not in told(hub)[0]


async def test_it_is_read_as_it_leaves(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    for number in range(5):
        await hub.receive(f"M{number}", placer_number=f"P{number}")
    rights = Rights.of_scopes(PERMISSIONS, None, lambda place_id: ())
    file = export(hub.store, "ndjson", MessageFilter(), rights=rights, actor="key:x", clock=hub.clock)

    def begin() -> list[bytes]:
        return [next(file), next(file)]

    _, first = await asyncio.to_thread(begin)
    assert [json.loads(line)["control_id"] for line in first.splitlines()] == ["M0", "M1"]
    await asyncio.to_thread(file.close)  # type: ignore[attr-defined]  # whoever asked has gone
    assert [each["messages"] for each in told(hub)] == [2]
