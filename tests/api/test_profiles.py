"""Trying a changed profile over REST: what would be different, and nothing that is."""

from __future__ import annotations

import json
from hashlib import sha256

from tests.api.conftest import CANARY, Hub, both

from officina.store import Store, events, schema
from officina.store.events import EventFilter

UPPER = 'extends = "ltc"\n[order]\ndirections = { from = "RXE-7", as = ["words", "upper"] }\n'


def digest(store: Store) -> str:
    """All rows of the book but the access log and the keys."""
    seen = sha256()
    with store.read() as tx:
        for table in schema.metadata.sorted_tables:
            if table.name in ("api_key", "ticket"):
                continue
            rows = sorted(repr(tuple(row)) for row in tx.execute(table.select()))
            seen.update("\n".join(row for row in rows if "message.read" not in row).encode())
    return seen.hexdigest()


@both
async def test_each_message_is_read_both_ways_and_nothing_is_written(hub: Hub) -> None:
    first = await hub.receive("M1", family=CANARY)
    parked = await hub.receive("M2", facility="NEW", placer_number="P2", filler_number="F2", prescription_number="R2")
    body = {"connector": "pharmacy", "profile": UPPER, "codes": {"NEW": "ASH"}}
    async with hub.partner() as partner:
        before = digest(hub.store)
        answer = await partner.post("/profiles/try", json=body)
    found = answer.json()
    assert answer.status_code == 200
    assert (found["tried"], found["same"], found["missing"]) == (2, 0, 0)
    assert (found["orders_new"], found["orders_changed"]) == (1, 0)
    told = {each["message_id"]: each for each in found["different"]}
    (change,) = told[first]["changes"]
    assert (change["name"], change["new"]) == (
        "order[1].directions",
        "TAKE ONE TABLET & A GLASS OF WATER TWICE DAILY",
    )
    assert (told[first]["would_come_to"], told[parked]["would_come_to"]) == ("", "accepted")
    kinds = {(each["what"], each["name"], each["old"], each["new"]): each["messages"] for each in found["kinds"]}
    assert kinds == {("order", "directions", "", ""): 1, ("fate", "", "parked", "order"): 1}
    assert digest(hub.store) == before


@both
async def test_the_same_profile_shows_nothing(hub: Hub) -> None:
    await hub.receive("M1")
    async with hub.partner() as partner:
        found = (
            await partner.post("/profiles/try", json={"connector": "pharmacy", "profile": 'extends = "ltc"'})
        ).json()
    assert (found["tried"], found["same"], found["kinds"], found["different"]) == (1, 1, [], [])


async def test_a_selection_is_narrowed_and_ordered(hub: Hub) -> None:
    ids = [await hub.receive(f"M{number}", control="RF" if number % 2 else "NW") for number in range(4)]
    async with hub.partner() as partner:

        async def tried(**selection: object) -> list[int]:
            body = {"connector": "pharmacy", "profile": 'extends = "hl7"', "messages": selection}
            return [each["message_id"] for each in (await partner.post("/profiles/try", json=body)).json()["different"]]

        assert await tried(state="ignored") == [ids[1], ids[3]]
        assert await tried(state="ignored", most=1) == [ids[3]]
        assert await tried(state="ignored", most=1, oldest=True) == [ids[1]]
        assert await tried(type="ORM^O01") == []


async def test_a_mistake_names_key_line_and_remedy(hub: Hub) -> None:
    body = {"connector": "pharmacy", "profile": 'extends = "ltc"\n[order]\ndrug_cod = "RXE-2"\n'}
    async with hub.partner() as partner:
        answer = await partner.post("/profiles/try", json=body)
        gone = await partner.post("/profiles/try", json={**body, "connector": "nobody"})
        nowhere = await partner.post("/profiles/try", json={**body, "profile": "", "codes": {"X": "NOWHERE"}})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "order.drug_cod (line 3)" in answer.text
    assert "did you mean drug_code?" in answer.text
    assert (gone.status_code, nowhere.status_code) == (404, 422)


async def test_it_needs_both_rights_and_stays_within_the_places(hub: Hub) -> None:
    await hub.receive("M1")
    await hub.receive("M2", facility="ASH", placer_number="P2", filler_number="F2", prescription_number="R2")
    body = {"connector": "pharmacy", "profile": UPPER}
    async with hub.partner(["messages.raw"]) as partner:
        assert (await partner.post("/profiles/try", json=body)).status_code == 403
    async with hub.partner(["site.write"]) as partner:
        assert (await partner.post("/profiles/try", json=body)).status_code == 403


async def test_what_was_shown_is_in_the_access_log(hub: Hub) -> None:
    message_id = await hub.receive("M1")
    async with hub.partner() as partner:
        await partner.post("/profiles/try", json={"connector": "pharmacy", "profile": UPPER})
    with hub.store.read() as tx:
        told = events.listed(tx, EventFilter(kind="message.read"))
    assert [json.loads(each.detail or "") for each in told] == [{"message": message_id}]
