"""Signing in and out, and what a role does not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import PASSWORD, RunningHub
from tests.journeys.test_keyboard import ODD

from officina.actions import people
from officina.clock import now


@pytest.fixture
def stranger(open_context: Callable[..., BrowserContext], hub: RunningHub) -> Page:
    page = open_context().new_page()
    page.goto(f"{hub.address}/sign-in")
    return page


def attempt(page: Page, login: str, password: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_what_was_wanted_comes_after_signing_in(stranger: Page, hub: RunningHub) -> None:
    stranger.goto(f"{hub.address}/messages?state=parked")
    expect(stranger).to_have_url(f"{hub.address}/sign-in?next=%2Fmessages%3Fstate%3Dparked")
    attempt(stranger, "ada", PASSWORD)
    stranger.wait_for_url("**/messages?state=parked")


def test_errors_say_what_to_do_and_a_lock_says_how_long(stranger: Page, hub: RunningHub) -> None:
    with hub.hub.store.write() as tx:
        hashed = people.hash_password(PASSWORD)
        people.add_person(tx, "lola", "Lola Locked", hashed, actor="system", at=now())
    stranger.keyboard.press("Enter")
    expect(stranger.locator("#error-login")).to_have_text("Enter your login.")
    attempt(stranger, "lola", "wrong password")
    expect(stranger.get_by_role("alert")).to_contain_text("The login or the password is wrong.")
    assert stranger.input_value("[name=login]") == "lola"
    assert stranger.input_value("[name=password]") == ""
    for _ in range(4):
        attempt(stranger, "lola", "wrong password")
    expect(stranger.get_by_role("alert")).to_contain_text("Try again in 15 minutes")


def test_signing_out_ends_the_session(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    kept = page.context.cookies()
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.context.add_cookies(kept)
    page.goto(f"{hub.address}/messages")
    page.wait_for_url("**/sign-in?next=%2Fmessages")


def test_a_nurse_sees_that_a_message_came_not_what_it_says(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", b"NURSE-1").replace(b"P-4417|F-88120", b"P-9|F-9"))
    page = sign_in("nora")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    expect(page.locator("main")).to_contain_text("not for your roles")
    assert "EXAMPLE" not in page.content()
    assert page.request.get(f"{hub.address}/messages/{sent.message_id}/raw").status == 403


def test_someone_without_a_role_is_told_whom_to_ask(stranger: Page, hub: RunningHub) -> None:
    with hub.hub.store.write() as tx:
        people.add_person(tx, "nobody", "No Role", people.hash_password(PASSWORD), actor="system", at=now())
    attempt(stranger, "nobody", PASSWORD)
    expect(stranger.locator("h1")).to_have_text("This is not for your roles")
    expect(stranger.locator("main")).to_contain_text("Ask whoever runs this site")
    expect(stranger.locator(".find")).to_have_count(0)
    stranger.get_by_role("main").get_by_role("button", name="Sign out").click()
    stranger.wait_for_url("**/sign-in")
