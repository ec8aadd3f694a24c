"""A patient's name goes where it may go, and nowhere else: not into logs, URLs, headers or problems."""

from __future__ import annotations

import logging

import httpx
import pytest
from sqlalchemy import select
from tests.api.conftest import CANARY, HL7, Hub
from tests.support.samples import rde_o11

from officina.store.schema import event

SECRET_NUMBER = "987654321012345"


async def test_a_patients_name_and_number_stay_where_they_may_be(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[httpx.Response] = []

    async def keep(answer: httpx.Response) -> None:
        await answer.aread()
        seen.append(answer)

    with caplog.at_level(logging.DEBUG):
        async with hub.partner() as partner, hub.partner(["orders.read"], place="ELMS") as stranger:
            for client in (partner, stranger):
                client.event_hooks["response"] = [keep]
            raw = rde_o11(family=CANARY, patient_id=SECRET_NUMBER)
            submitted = await partner.post("/messages?connector=pharmacy", content=raw, headers=HL7)
            bad = rde_o11("MSG2", family=CANARY, **{"PID-7": CANARY, "ORC-1": CANARY, "RXE-10": CANARY})
            await partner.post("/messages?connector=pharmacy", content=bad, headers=HL7)
            await partner.post("/messages?connector=pharmacy", content=b"PID|1||" + CANARY.encode(), headers=HL7)
            await partner.post("/messages?connector=pharmacy", content=raw, headers={"Content-Type": "text/html"})
            found = await partner.post("/patients/search", json={"name": CANARY, "identifier": SECRET_NUMBER})
            patient_id = found.json()["items"][0]["id"]
            await partner.post("/patients/search", json={"name": CANARY}, params={"limit": "1"})
            await partner.post("/patients/search", json={CANARY: SECRET_NUMBER})
            await partner.get(f"/patients/{patient_id}")
            await stranger.get(f"/patients/{patient_id}")
            message_id = submitted.json()["message_id"]
            for part in ("", "/raw", "/tree", "/answer"):
                await partner.get(f"/messages/{message_id}{part}")
            for noun in ("messages", "orders", "events"):
                await partner.get(f"/{noun}")
                await stranger.get(f"/{noun}")

    assert CANARY.lower() not in caplog.text.lower()
    assert SECRET_NUMBER not in caplog.text
    shown_in = {answer.request.url.path.removeprefix("/api/v1") for answer in seen if CANARY in answer.text}
    assert shown_in == {
        "/patients/search",
        f"/patients/{patient_id}",
        f"/messages/{message_id}/raw",
        f"/messages/{message_id}/tree",
    }
    for answer in seen:
        assert CANARY.lower() not in str(answer.request.url).lower() + str(answer.headers).lower()
        assert SECRET_NUMBER not in str(answer.request.url) + str(answer.headers)
        if answer.status_code >= 400:
            detail = [answer.json()["detail"], *(fault["detail"] for fault in answer.json().get("errors", ()))]
            assert CANARY not in "".join(detail)
    with hub.store.read() as tx:
        assert CANARY not in repr(tx.execute(select(event)).all())


async def test_nothing_that_is_answered_may_be_kept_by_a_cache(hub: Hub) -> None:
    message_id = await hub.receive()
    async with hub.partner() as partner:
        for path in ("/orders", "/messages", f"/messages/{message_id}/raw", "/nothing", "/reference"):
            answer = await partner.get(path)
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
