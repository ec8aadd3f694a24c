"""Pages: every item once, in order, whatever arrives meanwhile; the cursor says nothing."""

from __future__ import annotations

import pytest
from tests.api.conftest import Hub, both


@both
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_following_next_reaches_every_item_once_newest_first(hub: Hub, limit: int) -> None:
    ids = [await hub.receive(f"MSG{number}") for number in range(7)]
    seen: list[int] = []
    async with hub.partner(["messages.read"], place="OAKS") as partner:
        path = f"/messages?limit={limit}&facility_code=OAKS"
        while path:
            answer = await partner.get(path.removeprefix("/api/v1"))
            body = answer.json()
            assert 1 <= len(body["items"]) <= limit
            seen += [message["id"] for message in body["items"]]
            path = body["next"]
            assert answer.headers.get("Link") == (f'<{path}>; rel="next"' if path else None)
            await hub.receive(f"LATE{len(seen)}-{limit}")
    assert seen == ids[::-1]


async def test_the_next_page_keeps_the_filters_and_stays_on_this_host(hub: Hub) -> None:
    for number in range(3):
        await hub.receive(f"MSG{number}")
    async with hub.partner() as partner:
        answer = await partner.get(
            "/messages", params={"type": "RDE^O11", "limit": "1"}, headers={"Host": "evil.example"}
        )
        path = answer.json()["next"]
        assert path.startswith("/api/v1/messages?type=RDE%5EO11&limit=1&cursor=")
        assert "evil" not in answer.text + answer.headers["Link"]


@pytest.mark.parametrize("noun", ["messages", "orders", "events"])
async def test_an_empty_list_has_no_next_page(hub: Hub, noun: str) -> None:
    async with hub.partner() as partner:
        params = {"message_id": "999999"} if noun == "events" else {}
        assert (await partner.get(f"/{noun}", params=params)).json() == {"items": [], "next": None}
