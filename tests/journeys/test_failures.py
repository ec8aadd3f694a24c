"""Pages that could not be made are no dead ends."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub
from tests.journeys.test_keyboard import ODD


def test_what_is_not_there_can_be_looked_for(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", b"LOST-1").replace(b"P-4417|F-88120", b"LOSTP|LOSTF"))
    page = sign_in("ada")
    for address in ("/nowhere", "/messages/999999999999", "/orders/x"):
        page.goto(hub.address + address)
        expect(page.locator("h1")).to_have_text("This page is not here")
        expect(page.get_by_role("link", name="Exchange")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("LOST-1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{sent.message_id}")


def test_what_was_found_once_can_be_loaded_again(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/find")
    page.wait_for_url(re.compile(r"/(orders|messages)$"))


def test_a_stranger_is_shown_the_way_in(hub: RunningHub) -> None:
    answer = httpx.get(f"{hub.address}/nowhere")
    assert answer.status_code == 404
    assert 'href="/sign-in"' in answer.text
    assert "search box" not in answer.text
