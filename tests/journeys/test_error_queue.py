"""What the error queue says while one works in it: what is missing, and what became of what was sent again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import RunningHub
from tests.journeys.test_exchange import Cabinet, press, to_error_queue

PACE = 60  # milliseconds between two keys of a person; a scanner's follow each other faster


@pytest.fixture
def refusing(hub: RunningHub) -> Iterator[Cabinet]:
    made = Cabinet(hub)
    made.answers("AR")
    yield made
    made.end()


def test_what_is_refused_again_shows_by_itself_and_leads_on(sign_in: SignIn, refusing: Cabinet) -> None:
    refusing.order("E-AGAIN")
    refusing.got("E-AGAIN")
    page = sign_in("ada")
    to_error_queue(page)
    page.keyboard.type("j", delay=PACE)
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/deliveries/\d+"))
    expect(page.get_by_role("link", name="What can be done")).to_have_count(0)
    press(page, "R")
    refusing.got("E-AGAIN", "E-AGAIN")
    expect(page.locator(".tries > li")).to_have_count(2)
    # Drawn before or after the second refusal: either it can be sent again from here, or a key leads to where it can.
    page.wait_for_function(
        "() => document.querySelector('[value=again]') ?? document.querySelector('#now [data-key=n]')?.click()"
    )
    expect(page.get_by_role("button", name="Send again as it is")).to_be_visible()


def test_who_ticks_nothing_or_gives_no_reason_is_told(sign_in: SignIn, refusing: Cabinet) -> None:
    for number in range(3):
        refusing.order(f"E-{number}")
    refusing.got("E-2")
    page = sign_in("ada")
    to_error_queue(page)
    page.locator("[data-pick]").first.wait_for()
    said = page.get_by_role("status")
    press(page, "R")
    expect(said.filter(has_text="Nothing is ticked.")).to_be_visible()
    press(page, "X")  # all of this page
    press(page, "D")
    expect(page.get_by_text("Give ticked up")).to_be_focused()
    press(page, "Tab", "Tab", "Enter")
    expect(said.filter(has_text="Say why they need not be sent.")).to_be_visible()
    expect(page.locator("[data-pick]:checked")).not_to_have_count(0)
    assert problems(page) == []
    press(page, "Shift+Tab")
    page.keyboard.insert_text("sent by fax")
    press(page, "Tab", "Enter")
    expect(said.filter(has_text="given up.")).to_be_visible()
    expect(page.locator(".empty")).to_contain_text("The error queue is empty")
