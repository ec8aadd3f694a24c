"""A message's page leads to what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from playwright.sync_api import expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import DEADLINE_S, RunningHub
from tests.journeys.test_keyboard import ODD

from officina.store import Tx, retention


def written(control_id: str, order: str) -> bytes:
    return ODD.replace(b"ODD-1", control_id.encode()).replace(b"P-4417|F-88120", f"{order}P|{order}F".encode())


def test_the_same_orders_lead_to_the_order_they_repeat(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(written("SAME-1", "SAME"))
    again = hub.submit(written("SAME-2", "SAME"))
    assert again.state == "duplicate"
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{again.message_id}")
    page.get_by_role("link", name=re.compile(r"order \d+")).click()
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    expect(page.locator("main")).to_contain_text("SAMEF")


def test_a_repetition_leads_to_the_message_it_repeats(sign_in: SignIn, hub: RunningHub) -> None:
    first = hub.submit(written("TWICE-1", "TWICE"))
    again = hub.submit(written("TWICE-1", "TWICE"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{again.message_id}")
    caused = page.get_by_role("region", name="What it caused")
    expect(caused).to_contain_text("Nothing.")
    caused.get_by_role("link").click()
    page.wait_for_url(f"**/messages/{first.message_id}")


def test_an_order_number_finds_the_messages_that_repeated_it(sign_in: SignIn, hub: RunningHub) -> None:
    for control_id in ("MANY-1", "MANY-2", "MANY-2"):
        hub.submit(written(control_id, "MANY"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?number=MANYF")
    expect(page.locator("[data-rows] tbody .lead")).to_have_text(["Duplicate", "Duplicate", "Accepted"])


def test_a_field_is_lit_in_the_message_and_not_in_the_answer(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", b"LIT-1").replace(b"RDE^O11^RDE_O11", b"ORU^R01"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    page.locator(".findings a", has_text="MSH-9").click()
    expect(page.locator("#bytes .lit")).to_have_text(["ORU^R01"])
    expect(page.locator(".answer .lit")).to_have_count(0)
    page.locator(".answer .bytes").click()
    expect(page.locator("#bytes .lit")).to_have_text(["ORU^R01"])


def test_only_the_field_that_was_used_says_where_it_went(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(written("USED-1", "USED"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    expect(page.locator("[data-path='PV1-3.4'] .went")).to_have_text("facility")
    expect(page.locator("[data-path='MSH-4'] .went")).to_have_text("facility (not used)")


def test_what_is_no_longer_kept_is_said_to_have_been_there(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(written("PRUNED-1", "PRUNED"))
    hub.submit(written("PRUNED-1", "PRUNED"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    page.get_by_role("region", name="What it caused").get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    order = page.url
    prune(hub, retention.drop_bodies, sent.message_id)
    page.get_by_role("link", name=f"message {sent.message_id}").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{sent.message_id}")
    expect(page.get_by_role("note").first).to_contain_text("What it said is no longer kept")
    expect(page.locator("main")).not_to_contain_text("not for your roles")
    expect(page.get_by_role("region", name="What it caused").get_by_role("link")).not_to_have_count(0)
    expect(page.get_by_role("region", name="Findings")).not_to_contain_text("Nothing to remark")
    assert problems(page) == []
    for part in ("bytes", "raw"):
        assert page.request.get(f"{hub.address}/messages/{sent.message_id}/{part}").status == 410

    prune(hub, retention.drop_messages, sent.message_id)
    page.goto(order)
    expect(page.get_by_text(f"message {sent.message_id}, no longer kept")).to_be_visible()
    expect(page.get_by_role("link", name=f"message {sent.message_id}")).to_have_count(0)
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    expect(page.locator("h1")).to_have_text("This is no longer kept")
    expect(page.locator("main")).to_contain_text("stay in the book")
    assert problems(page) == []


def prune(hub: RunningHub, drop: Callable[[Tx, Collection[int]], int], message_id: int) -> None:
    hub.hub.store.writer.submit(lambda tx: drop(tx, [message_id])).result(DEADLINE_S)
