"""Every refusal is problem+json with a stable code, and says nothing it should not."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.api.conftest import AT, CANARY, Hub

from officina.api.problem import MEANINGS
from officina.clock import iso
from officina.errors import Unavailable


def check(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"].startswith("/api/v1/reference#")
    return problem


async def test_an_unknown_path(hub: Hub) -> None:
    async with hub.partner() as partner:
        for path in (
            "/nothing",
            "/messages/",
            "/messages/1/nothing",
            "/messages/1/raw/",
            "/messages/one",
            "/messages/-1",
        ):
            check(await partner.get(path), 404, "not_found")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/messages", "/api/v1/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_whatever_begins_with_api_is_answered_as_a_problem(hub: Hub, path: str, method: str) -> None:
    async with hub.partner() as partner:
        answer = await partner.request(method, f"http://hub{path}")
        check(answer, 404, "not_found")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/orders", "/messages/{}/raw", "/messages/0", "/nothing", "/patients/search"])
async def test_head_is_get_without_its_body(hub: Hub, path: str) -> None:
    message_id = await hub.receive()
    async with hub.partner() as partner:
        got, head = [await partner.request(method, path.format(message_id)) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert {**head.headers, "content-length": ""} == {**got.headers, "content-length": ""}
    assert head.headers["content-length"] == str(len(got.content))


@pytest.mark.parametrize("body", [b'{"family": "\xff"}', b"[" * 100_000 + b"]" * 100_000])
async def test_json_that_cannot_be_read_is_told_as_what_it_is(hub: Hub, body: bytes) -> None:
    hub.settings = hub.settings.model_copy(update={"request_max_bytes": 1_000_000})
    hub.__post_init__()
    async with hub.partner() as partner:
        answer = await partner.post("/patients/search", content=body, headers={"Content-Type": "application/json"})
    (fault,) = check(answer, 422, "invalid")["errors"]
    assert fault["pointer"] == "#"
    assert fault["detail"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/orders", "GET, HEAD"),
        ("/messages", "GET, HEAD, POST"),
        ("/patients/search", "POST"),
        ("/patients/1", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(hub: Hub, path: str, allowed: str) -> None:
    async with hub.partner() as partner:
        answer = await partner.delete(path)
    check(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/messages?limit=0", "limit"),
        ("/messages?limit=201", "limit"),
        ("/messages?limit=many", "limit"),
        ("/messages?state=lost", "state"),
        ("/messages?since=yesterday", "since"),
        ("/messages?since=2026-03-04T05:06:07", "since"),
        ("/messages?since=0001-01-01T00:00:00Z", "since"),
        ("/messages?cursor=!", "cursor"),
        ("/messages?cursor=AAAA", "cursor"),
        ("/messages?control_id=%00", "control_id"),
        ("/messages?connector_id=0", "connector_id"),
        ("/messages/0", "message_id"),
        (f"/messages/{2**63}", "message_id"),
        ("/orders?status=lost", "status"),
        ("/events?subject=order", "subject_id"),
        ("/events?subject_id=1", "subject"),
    ],
)
async def test_a_wrong_parameter_is_named(hub: Hub, path: str, parameter: str) -> None:
    async with hub.partner() as partner:
        answer = await partner.get(path)
    problem = check(answer, 422, "cursor_unknown" if path.endswith("AAAA") else "invalid")
    assert [fault["parameter"] for fault in problem["errors"]] == [parameter]


async def test_what_was_sent_is_not_repeated(hub: Hub) -> None:
    async with hub.partner() as partner:
        for body in ({"name": [CANARY]}, {CANARY: "x"}, {"identifier": {"value": CANARY}}):
            answer = await partner.post("/patients/search", json=body)
            check(answer, 422, "invalid")
            assert CANARY not in answer.json()["detail"]
            assert all(CANARY not in fault["detail"] for fault in answer.json()["errors"])
        broken = await partner.post(
            "/patients/search", content=b'{"name": "' + CANARY.encode(), headers={"Content-Type": "application/json"}
        )
        check(broken, 422, "invalid")
        assert CANARY not in broken.text


async def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(hub: Hub) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 10_000

    async with hub.partner() as partner:
        for content in (b" " * 110_000, pieces()):
            answer = await partner.post(
                "/patients/search", content=content, headers={"Content-Type": "application/json"}
            )
            check(answer, 413, "too_large")


async def test_a_mistake_of_ours_says_and_logs_nothing_of_what_was_being_done(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    message_id = await hub.receive(family=CANARY)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot show {CANARY}")

    monkeypatch.setattr("officina.wire.show.tree", broken)
    with caplog.at_level(logging.DEBUG):
        async with hub.partner() as partner:
            check(await partner.get(f"/messages/{message_id}/tree"), 500, "internal")
    assert CANARY not in caplog.text
    assert "API request failed: RuntimeError at" in caplog.text


async def test_what_cannot_be_done_now_may_be_tried_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise Unavailable("the database does not answer", place="database")

    async with hub.partner() as partner:
        monkeypatch.setattr("officina.store.places.every", gone)
        answer = await partner.get("/places")
    check(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_every_type_leads_to_its_explanation(hub: Hub) -> None:
    async with hub.client() as stranger:
        page = (await stranger.get("/reference")).text
        problem = (await stranger.get("/orders")).json()
    assert problem["type"] == "/api/v1/reference#unauthenticated"
    for code, _ in MEANINGS.values():
        assert f'id="{code}"' in page


async def test_times_are_accepted_as_they_are_given(hub: Hub) -> None:
    await hub.receive()
    async with hub.partner() as partner:
        (message,) = (await partner.get("/messages")).json()["items"]
        assert message["received_at"] == iso(AT)
        again = await partner.get("/messages", params={"since": message["received_at"]})
    assert [each["id"] for each in again.json()["items"]] == [message["id"]]
