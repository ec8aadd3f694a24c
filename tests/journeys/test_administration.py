"""The administration section of the contract, from an empty exchange to a restart, with the keyboard alone.

A partner sends over MLLP, another receives; nothing is clicked, nothing is set but by keys.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser, Locator, Page, expect
from tests.journeys.conftest import problems
from tests.journeys.hub import PASSWORD, RunningHub, running
from tests.support.apart import Apart
from tests.support.mllp_clients import Peer
from tests.support.ports import free_port
from tests.support.receivers import Receiver
from tests.support.samples import rde_o11

from officina.wire import er7

PACE = 60  # milliseconds between two keys of a person; a scanner's follow each other faster
FARTHEST = 90  # fields and links on the way to one that is wanted


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def stroke(page: Page, keys: str) -> None:
    """Keys as a person presses them, one after the other."""
    page.keyboard.type(keys, delay=PACE)


def tab_to(page: Page, wanted: Locator) -> None:
    """Goes on with Tab until it has the focus."""
    wanted.wait_for()
    for _ in range(FARTHEST):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def fill(page: Page, name: str, text: str) -> None:
    tab_to(page, page.locator(f"main [name='{name}']:not([type=hidden])"))
    press(page, "Control+a")
    page.keyboard.insert_text(text)


def choose(page: Page, name: str, word: str) -> None:
    """An entry of a list, by its first letters."""
    tab_to(page, page.locator(f"main select[name='{name}']"))
    page.keyboard.type(word)


def activate(page: Page, button: Locator) -> None:
    tab_to(page, button)
    press(page, "Enter")


class Partners:
    """Who sends and who receives; they outlive the hub."""

    def __init__(self, apart: Apart) -> None:
        self.apart = apart
        self.port = free_port()
        self.receiver = Receiver()

    def __enter__(self) -> Self:
        self.apart.run(self.receiver.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.apart.run(self.receiver.__aexit__(kind, error, trace))

    def send(self, *control_ids: str, **changed: str) -> list[str]:
        """The codes of the acknowledgements."""
        return self.apart.run(self._send(control_ids, changed))

    async def _send(self, control_ids: tuple[str, ...], changed: dict[str, str]) -> list[str]:
        codes = []
        async with await Peer.connect(self.port) as peer:
            for each in control_ids:
                names = {"placer_number": each, "filler_number": each, "prescription_number": each}
                plain = {"MSH-15": "", "MSH-16": "", **names, "facility": "WARD9", **changed}
                codes.append(er7.parse(await peer.ask(rde_o11(each, **plain))).get("MSA-1"))
        return codes

    def answers(self, word: str) -> None:
        self.receiver.script = lambda number: word

    def got(self, count: int) -> list[str]:
        """The control ids so far, once so many have come."""
        self.apart.run(self.receiver.got(count))
        return self.receiver.control_ids


def signed_in(browser: Browser, hub: RunningHub) -> Page:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(10_000)
    page.goto(hub.address)
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("ada")
    press(page, "Tab")
    page.keyboard.insert_text(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/orders*")
    return page


def to_settings(page: Page, tab: str) -> None:
    stroke(page, "gs")
    page.wait_for_url("**/settings/connector")
    if tab != "connector":
        stroke(page, {"subscription": "2", "code_map": "3"}[tab])
        page.wait_for_url(f"**/settings/{tab}")


def to_exchange(page: Page, key: str, where: str) -> None:
    if page.get_by_role("navigation", name="Exchange").count() == 0:
        stroke(page, "gm")
        page.wait_for_url("**/messages")
    if not page.url.endswith(f"/{where}"):
        stroke(page, f"g{key}")
        page.wait_for_url(f"**/{where}")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("main tbody tr", has_text=name).first


def open_connector(page: Page, name: str) -> None:
    to_settings(page, "connector")
    tab_to(page, page.get_by_role("link", name=name, exact=True))
    press(page, "Enter")
    page.wait_for_url("**/settings/connector/edit?*")


def saved(page: Page, name: str, list_of: str = "connector") -> None:
    """The list again, and the keyboard is at the row."""
    page.wait_for_url(f"**/settings/{list_of}")
    expect(page.locator("main tbody a.open", has_text=name).first).to_be_focused()


def test_the_administration_of_the_exchange_by_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    with Apart() as apart, Partners(apart) as partners:
        with running(tmp_path) as hub:
            page = signed_in(browser, hub)
            _configure(page, partners)
            _take_in(page, partners)
            _look_at_the_queue(page, partners)
            _change_the_interval(page, partners)
            _look_after_the_error_queue(page, partners)
            _look_at_the_log(page)
            _deactivate(page, partners)
            page.context.close()
        with running(tmp_path) as hub:
            page = signed_in(browser, hub)
            _still_inactive_after_a_restart(page, partners)
            page.context.close()


def _configure(page: Page, partners: Partners) -> None:
    """A connector in, a connector out, and a subscription that joins them."""
    to_settings(page, "connector")
    stroke(page, "a1")
    page.wait_for_url("**/settings/connector/new?kind=mllp_listener")
    expect(page.locator("main [name=name]")).to_be_focused()
    fill(page, "name", "ward system")
    choose(page, "profile", "hl7")
    fill(page, "settings.port", str(partners.port))
    press(page, "Enter")
    saved(page, "ward system")

    stroke(page, "a2")
    page.wait_for_url("**/settings/connector/new?kind=mllp_sender")
    fill(page, "name", "oak cabinet")
    choose(page, "profile", "hl7")
    fill(page, "settings.host", "127.0.0.1")
    fill(page, "settings.port", str(partners.receiver.port))
    fill(page, "settings.retry_interval_s", "3600")
    press(page, "Enter")
    saved(page, "oak cabinet")

    stroke(page, "2")
    page.wait_for_url("**/settings/subscription")
    stroke(page, "a")
    page.wait_for_url("**/settings/subscription/new")
    fill(page, "name", "orders to the cabinet")
    fill(page, "event", "order.*")
    choose(page, "connector", "oak cabinet")
    activate(page, page.get_by_role("button", name="Save"))
    saved(page, "orders to the cabinet", "subscription")


def _take_in(page: Page, partners: Partners) -> None:
    """A ward nobody has mapped waits; once it is mapped, what it sent takes effect. What is not for us is refused."""
    partners.answers("AE")
    assert partners.send("A-1") == ["AA"]
    to_settings(page, "code_map")
    stroke(page, "m")
    page.wait_for_url("**/settings/code_map/new?*")
    choose(page, "place", "Oakwood")
    activate(page, page.get_by_role("button", name="Save"))
    saved(page, "WARD9", "code_map")
    stroke(page, "R")
    expect(row_of(page, "WARD9")).to_contain_text("1 accepted")
    assert partners.got(1) == ["A-1"]
    assert partners.send(*[f"A-{number}" for number in range(2, 7)]) == ["AA"] * 5
    assert partners.send("NO-ORDER", message_type="ORU", trigger="R01") == ["AR"]
    to_exchange(page, "m", "messages")
    expect(row_of(page, "A-6")).to_contain_text("Accepted")
    expect(row_of(page, "NO-ORDER")).to_contain_text("Rejected")


def _look_at_the_queue(page: Page, partners: Partners) -> None:
    """Six wait behind the first, which the receiver could not take: what it was sent, and what it said."""
    to_exchange(page, "c", "connectors")
    row = row_of(page, "oak cabinet")
    expect(row).to_contain_text("Waiting")
    expect(row).to_contain_text("refused as told (AE)")
    tab_to(page, row.get_by_role("link", name="6 waiting"))
    press(page, "Enter")
    page.wait_for_url("**/deliveries?state=queued*")
    expect(page.locator("h1")).to_have_text("Queue")
    expect(page.locator("[data-rows] tbody tr")).to_have_count(6)
    assert problems(page) == []
    stroke(page, "jjjjjj")  # the oldest is at the end
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/deliveries/\d+\?"))
    answer = page.get_by_role("group", name="The answer as it came")
    expect(answer).to_contain_text("MSA|AE|A-1")
    expect(page.get_by_role("group", name="The message as it is sent")).to_contain_text("A-1")
    assert partners.receiver.control_ids == ["A-1"]


def _change_the_interval(page: Page, partners: Partners) -> None:
    """From an hour to a moment, in force at once and without a restart."""
    open_connector(page, "oak cabinet")
    fill(page, "settings.retry_factor", "1")
    fill(page, "settings.retry_interval_s", "0.2")
    press(page, "Enter")
    saved(page, "oak cabinet")
    assert set(partners.got(4)) == {"A-1"}  # the first stays first
    partners.answers("AR")
    to_exchange(page, "e", "deliveries")
    expect(page.locator("[data-rows] tbody tr")).to_have_count(6)
    expect(row_of(page, "A-6")).to_contain_text("PID-3: refused as told (AR)")
    assert partners.receiver.control_ids[-6:] == [f"A-{number}" for number in range(1, 7)]


def _look_after_the_error_queue(page: Page, partners: Partners) -> None:
    """One again, one changed, one given up, two together, and all that is left."""
    partners.answers("AA")
    so_far = len(partners.receiver.received)
    stroke(page, "j")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/deliveries/\d+$"))
    expect(page.get_by_role("group", name="The answer as it came").first).to_contain_text("MSA|AR|A-6")
    stroke(page, "R")
    assert partners.got(so_far + 1)[-1] == "A-6"
    expect(page.locator("#now")).to_be_focused()
    expect(page.locator("#now")).to_contain_text("Delivered")  # without loading the page again

    to_exchange(page, "e", "deliveries")
    stroke(page, "j")
    press(page, "Enter")
    activate(page, page.get_by_text("Change it first"))
    tab_to(page, page.locator("textarea[name=payload]"))
    text = page.locator("textarea[name=payload]").input_value()
    press(page, "Control+a")
    page.keyboard.insert_text(text.replace("Marlowe", "Corrected"))
    press(page, "Tab", "Enter")
    assert partners.got(so_far + 2)[-1] == "A-5"
    assert b"Corrected" in partners.receiver.received[-1]
    expect(page.locator("#now")).to_be_focused()

    to_exchange(page, "e", "deliveries")
    expect(page.locator("[data-rows] tbody tr")).to_have_count(4)
    stroke(page, "j")
    press(page, "Enter")
    activate(page, page.locator("summary", has_text="Give it up"))
    activate(page, page.get_by_role("button", name="Give it up"))  # no reason yet
    expect(page.locator("#refused")).to_be_focused()
    expect(page.locator("#refused")).to_contain_text("a reason is needed")
    assert problems(page) == []
    tab_to(page, page.locator("[name=reason]"))
    page.keyboard.insert_text("sent by fax")
    press(page, "Enter")
    page.wait_for_url("**/deliveries")
    expect(page.locator("[data-rows] a.open").first).to_be_focused()
    expect(page.locator("#list")).not_to_contain_text("A-4")

    stroke(page, "xjx")  # the first has the focus already
    expect(page.locator("[data-pick]:checked")).to_have_count(2)
    assert problems(page) == []
    stroke(page, "R")
    expect(page.get_by_role("status").filter(has_text="2 queued again")).to_be_visible()
    assert partners.got(so_far + 4)[-2:] == ["A-2", "A-3"]
    expect(page.locator("[data-rows] tbody tr")).to_have_count(1)
    stroke(page, "A")
    assert partners.got(so_far + 5)[-1] == "A-1"
    expect(page.locator(".empty")).to_contain_text("The error queue is empty")


def _look_at_the_log(page: Page) -> None:
    """Accepted, rejected, by their number; from a message to its delivery and back."""
    to_exchange(page, "m", "messages")
    page.locator("[data-rows]").wait_for()
    choose(page, "state", "Rejected")
    page.wait_for_url("**/messages?state=rejected")
    expect(page.locator("[data-rows] tbody")).to_contain_text("NO-ORDER")
    expect(page.locator("[data-rows] tbody")).not_to_contain_text("A-1")
    press(page, "Escape")  # leaves the field
    stroke(page, "/")
    page.keyboard.type("NO-ORDER")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/messages/\d+"))
    expect(page.get_by_role("group", name="Answer as sent")).to_contain_text("MSA|AR|NO-ORDER")
    to_exchange(page, "m", "messages")
    stroke(page, "f")
    page.keyboard.type("A-5")
    press(page, "Enter")
    page.wait_for_url("**/messages?number=A-5")
    rows = page.locator("[data-rows] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("oak cabinet")  # as it was changed and sent
    press(page, "Escape")
    stroke(page, "jj")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/messages/\d+\?"))
    expect(page.locator("#bytes")).to_contain_text("Marlowe")  # as it came
    stroke(page, "[")
    expect(page.locator("#bytes")).to_contain_text("Corrected")
    activate(page, page.get_by_role("link", name="to oak cabinet"))
    page.wait_for_url(re.compile(r"/deliveries/\d+"))
    expect(page.locator("#now")).to_contain_text("Delivered")


def _deactivate(page: Page, partners: Partners) -> None:
    so_far = len(partners.receiver.received)
    open_connector(page, "oak cabinet")
    choose(page, "state", "inactive")
    activate(page, page.get_by_role("button", name="Save"))
    saved(page, "oak cabinet")
    expect(row_of(page, "oak cabinet")).to_contain_text("Inactive")
    assert partners.send("B-1") == ["AA"]
    to_exchange(page, "c", "connectors")
    row = row_of(page, "oak cabinet")
    expect(row).to_contain_text("Inactive")
    expect(row).to_contain_text("1 waiting")
    assert len(partners.receiver.received) == so_far


def _still_inactive_after_a_restart(page: Page, partners: Partners) -> None:
    so_far = len(partners.receiver.received)
    to_exchange(page, "c", "connectors")
    row = row_of(page, "oak cabinet")
    expect(row).to_contain_text("Inactive")
    expect(row).to_contain_text("1 waiting")
    assert partners.send("B-2") == ["AA"]
    expect(row).to_contain_text("2 waiting")
    assert len(partners.receiver.received) == so_far
    tab_to(page, row.get_by_role("link", name="2 waiting"))  # one that waits is set aside
    press(page, "Enter")
    page.wait_for_url("**/deliveries?state=queued*")
    stroke(page, "j")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/deliveries/\d+\?"))
    stroke(page, "E")
    expect(page.locator("#now")).to_be_focused()
    expect(page.locator("#now")).to_contain_text("Failed")
    expect(page.get_by_text("set aside by a person").first).to_be_visible()
    assert problems(page) == []
    to_exchange(page, "c", "connectors")
    activate(page, row.get_by_role("button", name="Start"))
    assert partners.got(so_far + 1)[-1] == "B-1"
    expect(row.locator("button:focus")).to_have_count(1)
    expect(row).to_contain_text("Running")
    expect(row).to_contain_text("empty")
    activate(page, row.get_by_role("button", name="Send failed again"))
    assert partners.got(so_far + 2)[-1] == "B-2"
    expect(row.get_by_role("button", name="Send failed again")).to_have_count(0)
    page.wait_for_load_state()
