"""The exchange's administration with the keyboard alone: queues, the error queue, connectors in trouble."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import DEADLINE_S, RunningHub
from tests.support.receivers import Receiver
from tests.support.samples import rde_o11

from officina.actions import connectors, site

SITE = """
[[connector]]
name = "cabinet"
kind = "mllp_sender"
profile = "hl7"
settings = { host = "127.0.0.1", port = PORT, retry_interval_s = 3600 }

[[subscription]]
name = "orders to the cabinet"
event = "order.*"
place = "ELM"
connector = "cabinet"
payload = "source"
"""


class Cabinet:
    """A receiver on the hub's own loop, and the sender that serves it."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        self.receiver = Receiver()
        hub.run(self.receiver.__aenter__())
        document = site.parse(SITE.replace("PORT", str(self.receiver.port)))
        self._write(lambda tx: site.apply(tx, document, actor="system", at=1))
        hub.until(lambda: self.state == "running")

    @property
    def state(self) -> str:
        running = self.hub.hub.supervisor.states().get("cabinet")
        return running.state if running else ""

    def order(self, control_id: str) -> None:
        numbers = {"placer_number": control_id, "filler_number": control_id, "prescription_number": control_id}
        taken = self.hub.submit(rde_o11(control_id, facility="ELM02", **{"MSH-15": "", "MSH-16": "", **numbers}))
        assert taken.state == "accepted"

    def answers(self, word: str) -> None:
        self.receiver.script = lambda number: word

    def got(self, *control_ids: str) -> None:
        """Waits until these were the last to come."""
        self.hub.until(lambda: tuple(self.receiver.control_ids[-len(control_ids) :]) == control_ids)

    def end(self) -> None:
        number = self.hub.hub.supervisor.site().connectors["cabinet"].id
        self._write(lambda tx: connectors.set_state(tx, number, "inactive", actor="system", at=1))
        self.hub.until(lambda: self.state == "inactive")
        self.hub.run(self.receiver.__aexit__(None, None, None))

    def _write(self, work: object) -> None:
        self.hub.hub.store.writer.submit(work).result(DEADLINE_S)  # type: ignore[arg-type]


@pytest.fixture
def cabinet(hub: RunningHub) -> Iterator[Cabinet]:
    made = Cabinet(hub)
    yield made
    made.end()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def to_error_queue(page: Page) -> None:
    press(page, "g", "m")
    page.wait_for_url("**/messages")
    press(page, "g", "e")
    page.wait_for_url("**/deliveries")


def open_first(page: Page) -> None:
    press(page, "j", "Enter")
    expect(page.locator(".title-line .tag")).to_be_visible()


def test_the_stream_tells_of_what_is_queued_and_of_what_is_sent(
    sign_in: SignIn, hub: RunningHub, cabinet: Cabinet
) -> None:
    cookies = {each["name"]: each["value"] for each in sign_in("ada").context.cookies()}
    with httpx.stream("GET", f"{hub.address}/live", cookies=cookies, timeout=20) as stream:
        lines = stream.iter_lines()
        cabinet.order("X-TOLD")
        assert any(line == "data: deliveries" for line in lines)


def test_a_refused_message_is_sent_again_by_keyboard(sign_in: SignIn, cabinet: Cabinet) -> None:
    cabinet.answers("AR")
    cabinet.order("X-REFUSED")
    cabinet.got("X-REFUSED")
    page = sign_in("ada")
    to_error_queue(page)
    expect(page.locator("[data-rows]")).to_contain_text("X-REFUSED")
    open_first(page)
    expect(page.locator(".title-line .tag")).to_have_text("Failed")
    expect(page.get_by_text("PID-3: refused as told (AR)").first).to_be_visible()
    assert problems(page) == []
    cabinet.answers("AA")
    press(page, "R")
    cabinet.got("X-REFUSED", "X-REFUSED")
    page.reload()
    expect(page.locator(".title-line .tag")).to_have_text("Delivered")
    expect(page.get_by_text("Queued again")).to_be_visible()


def test_a_refused_message_is_changed_and_sent(sign_in: SignIn, cabinet: Cabinet) -> None:
    cabinet.answers("AR")
    cabinet.order("X-WRONG")
    cabinet.got("X-WRONG")
    page = sign_in("ada")
    to_error_queue(page)
    open_first(page)
    page.get_by_text("Change it first").focus()
    press(page, "Enter")
    text = page.locator("textarea[name=payload]")
    text.focus()
    press(page, "Control+a")
    page.keyboard.insert_text(text.input_value().replace("Marlowe", "Corrected"))
    cabinet.answers("AA")
    press(page, "Tab", "Enter")
    cabinet.got("X-WRONG", "X-WRONG")
    assert b"|Corrected^Edith" in cabinet.receiver.received[-1]


def test_a_message_is_given_up_with_a_reason(sign_in: SignIn, cabinet: Cabinet) -> None:
    cabinet.answers("AR")
    cabinet.order("X-FAXED")
    cabinet.got("X-FAXED")
    page = sign_in("ada")
    to_error_queue(page)
    open_first(page)
    page.get_by_text("Give it up").first.focus()
    press(page, "Enter", "Tab")
    page.keyboard.insert_text("sent by fax")
    press(page, "Tab", "Enter")
    page.wait_for_url("**/deliveries")
    expect(page.locator("#list")).not_to_contain_text("X-FAXED")


def test_a_connector_in_trouble_says_so_and_is_suspended_and_resumed(sign_in: SignIn, cabinet: Cabinet) -> None:
    cabinet.answers("AE")
    cabinet.order("X-BUSY")
    cabinet.got("X-BUSY")
    page = sign_in("ada")
    press(page, "g", "m")
    page.wait_for_url("**/messages")
    press(page, "g", "c")
    page.wait_for_url("**/connectors")
    row = page.locator("tr", has_text="cabinet").first
    expect(row.locator(".tag").first).to_have_text("Waiting")
    expect(row).to_contain_text("refused as told (AE)")
    expect(row).to_contain_text("1 waiting")

    row.get_by_role("button", name="Suspend").focus()
    press(page, "Enter")
    expect(row.locator(".tag").first).to_have_text("Suspended")
    cabinet.answers("AA")
    row.get_by_role("button", name="Resume").focus()
    press(page, "Enter")
    expect(row.locator(".tag").first).to_have_text("Running")
    cabinet.got("X-BUSY", "X-BUSY")


def test_a_receiver_is_tried_from_the_cockpit(sign_in: SignIn, cabinet: Cabinet) -> None:
    page = sign_in("ada")
    page.goto(f"{cabinet.hub.address}/connectors")
    row = page.locator("tr", has_text="cabinet").first
    row.get_by_role("button", name="Test").focus()
    press(page, "Enter")
    expect(row).to_contain_text("Reached")


def test_who_may_not_see_connectors_is_not_offered_them(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("nora")
    page.goto(f"{hub.address}/messages")
    expect(page.get_by_role("navigation", name="Exchange")).to_have_count(0)
    answer = page.goto(f"{hub.address}/deliveries")
    assert answer is not None
    assert answer.status == 403
