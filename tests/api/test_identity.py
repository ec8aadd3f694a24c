"""Who may call: keys and sessions, and what each of them cannot do."""

from __future__ import annotations

import httpx
import pytest
from tests.api.conftest import AT, HASHED, PASSWORD, Hub, both

from officina.actions import keys, people
from officina.clock import SECOND


def signed_in(hub: Hub, *roles: str, place: str | None = None) -> tuple[httpx.AsyncClient, people.SignedIn]:
    with hub.store.write() as tx:
        person_id = people.add_person(tx, "nora", "Nora Quill", HASHED, actor="system", at=AT)
        for role in roles:
            people.grant(tx, person_id, role, hub.places[place] if place else None, actor="system", at=AT)
    session = people.sign_in(hub.store, "nora", PASSWORD, at=AT)
    return hub.client(cookies={people.SESSION_COOKIE: session.token}), session


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer ofc_0000000000_" + "A" * 43,
        "Bearer \xe9",
        "Basic bm9yYTpwdw==",
        "Digest x",
        "ofc_0000000000_" + "A" * 43,
    ],
)
async def test_a_wrong_key_is_401_in_the_same_words_whatever_is_wrong(hub: Hub, authorization: str) -> None:
    async with hub.client(headers={"Authorization": authorization.encode("latin-1")}) as stranger:
        answer = await stranger.get("/messages")
    assert answer.status_code == 401
    assert answer.json()["detail"] == "this API key is unknown, expired or revoked"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_without_key_or_session_there_is_nothing(hub: Hub) -> None:
    async with hub.client() as stranger:
        for path in ("/messages", "/messages/1", "/orders", "/places", "/connectors", "/events", "/patients/1"):
            assert (await stranger.get(path)).status_code == 401
        assert (await stranger.post("/patients/search", json={})).status_code == 401


@both
async def test_a_revoked_or_expired_key_opens_nothing(hub: Hub) -> None:
    with hub.store.write() as tx:
        short = keys.create_key(tx, "short", ["places.read"], expires_at=AT + SECOND, actor="system", at=AT)
    revoked = hub.key(["places.read"])
    for key in (short, revoked):
        async with hub.client(headers={"Authorization": f"Bearer {key.presented}"}) as partner:
            assert (await partner.get("/places")).status_code == 200
    hub.clock.at += SECOND
    with hub.store.write() as tx:
        keys.revoke_key(tx, revoked.prefix, actor="system", at=hub.clock())
    for key in (short, revoked):
        async with hub.client(headers={"Authorization": f"Bearer {key.presented}"}) as partner:
            assert (await partner.get("/places")).status_code == 401


async def test_a_key_does_what_its_scopes_say_and_no_more(hub: Hub) -> None:
    async with hub.partner(["places.read"]) as partner:
        assert (await partner.get("/places")).status_code == 200
        refused = await partner.get("/orders")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "orders.read" in refused.json()["detail"]


async def test_a_wrong_key_is_not_saved_by_a_good_session(hub: Hub) -> None:
    client, _ = signed_in(hub, "administrator")
    async with client:
        assert (await client.get("/places")).status_code == 200
        assert (await client.get("/places", headers={"Authorization": "Bearer wrong"})).status_code == 401


async def test_a_session_reads_with_its_cookie_alone_and_writes_only_with_its_csrf_token(hub: Hub) -> None:
    client, session = signed_in(hub, "administrator")
    async with client:
        assert (await client.get("/orders")).status_code == 200
        for wrong in ({}, {"X-CSRF-Token": "wrong"}):
            refused = await client.post("/patients/search", json={}, headers=wrong)
            assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
        headers = {"X-CSRF-Token": session.csrf}
        assert (await client.post("/patients/search", json={}, headers=headers)).status_code == 200


async def test_a_person_sees_what_their_roles_at_their_places_allow(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", facility="ELMS")
    client, _ = signed_in(hub, "nurse", place="ELMS")
    async with client:
        assert [order["place_id"] for order in (await client.get("/orders")).json()["items"]] == [hub.places["ELMS"]]
        assert [place["code"] for place in (await client.get("/places")).json()["items"]] == ["ELMS"]
        message = (await client.get("/messages")).json()["items"][0]
        assert (await client.get(f"/messages/{message['id']}/raw")).status_code == 403
        assert (await client.get("/connectors")).status_code == 403
        assert (await client.get("/events")).status_code == 403


async def test_a_session_that_is_used_lives_on_and_one_that_is_not_ends(hub: Hub) -> None:
    client, _ = signed_in(hub, "auditor")
    idle = hub.settings.session_idle_minutes * people.MINUTE
    async with client:
        for _ in range(3):
            hub.clock.at += idle - SECOND
            assert (await client.get("/places")).status_code == 200
        hub.clock.at += idle
        ended = await client.get("/places")
    assert (ended.status_code, ended.json()["code"]) == (401, "unauthenticated")


async def test_what_a_key_does_carries_its_name_in_the_audit(hub: Hub) -> None:
    await hub.receive()
    key = hub.key()
    async with hub.client(headers={"Authorization": f"Bearer {key.presented}"}) as partner:
        (order,) = (await partner.get("/orders")).json()["items"]
        await partner.get(f"/orders/{order['id']}")
        (line, *_) = (await partner.get("/events", params={"audit": "true"})).json()["items"]
    assert line["actor"] == f"key:{key.prefix}"
