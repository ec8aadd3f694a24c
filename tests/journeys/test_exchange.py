"""The exchange's administration with the keyboard alone: queues, the error queue, connectors in trouble."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from tests.journeys.conftest import SignIn, problems
from tests.journeys.hub import CONNECTOR, DEADLINE_S, RunningHub
from tests.support.receivers import Receiver
from tests.support.samples import rde_o11

from officina.actions import connectors, site
from officina.store import messages, retention

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
        return state_of(self.hub, "cabinet")

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


LISTENER = """
[[connector]]
name = "clinic"
kind = "mllp_listener"
profile = "hl7"
settings = { host = "127.0.0.1", port = PORT }
"""


def test_a_connector_whose_port_is_busy_is_started_again_and_taken_out_of_use(sign_in: SignIn, hub: RunningHub) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        document = site.parse(LISTENER.replace("PORT", str(other.getsockname()[1])))
        hub.hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result(DEADLINE_S)
        hub.until(lambda: state_of(hub, "clinic") == "failed")
        page = sign_in("ada")
        page.goto(f"{hub.address}/connectors")
        row = page.locator("tr", has_text="clinic").first
        expect(row).to_contain_text("is busy: another program listens there")
        expect(row).to_contain_text("set another port for connector clinic")
        assert problems(page) == []
        row.get_by_role("button", name="Start again").focus()
        press(page, "Enter")
        expect(page.get_by_text("clinic: it could not be started.")).to_be_visible()
        row.get_by_role("button", name="Start again").focus()
    press(page, "Enter")
    expect(row.locator(".tag").first).to_have_text("Running")
    for button, state in (("Suspend", "Suspended"), ("Deactivate", "Inactive"), ("Start", "Running")):
        row.get_by_role("button", name=button, exact=True).focus()
        press(page, "Enter")
        expect(row.locator(".tag").first).to_have_text(state)
    hub.hub.store.writer.submit(
        lambda tx: connectors.set_state(
            tx, hub.hub.supervisor.site().connectors["clinic"].id, "inactive", actor="system", at=1
        )
    ).result(DEADLINE_S)


def test_what_was_asked_for_is_under_way_until_the_answer_comes(sign_in: SignIn, cabinet: Cabinet) -> None:
    page = sign_in("ada")
    page.goto(f"{cabinet.hub.address}/connectors")
    asked: list[Route] = []
    page.route("**/connectors/cabinet", lambda route: asked.append(route))
    row = page.locator("tr", has_text="cabinet").first
    row.get_by_role("button", name="Suspend").focus()
    with page.expect_request("**/connectors/cabinet"):
        press(page, "Enter")
    expect(row.get_by_role("status").filter(has_text="Suspending …")).to_be_visible()
    asked[0].continue_()
    expect(row.locator(".tag").first).to_have_text("Suspended")
    expect(row.get_by_text("Suspending …")).to_be_hidden()


def test_the_last_message_of_each_connector_is_a_step_away(sign_in: SignIn, cabinet: Cabinet) -> None:
    cabinet.order("X-LAST")
    cabinet.got("X-LAST")
    page = sign_in("ada")
    for name, where in (("cabinet", "**/deliveries/*"), (CONNECTOR, "**/messages/*")):
        page.goto(f"{cabinet.hub.address}/connectors")
        row = page.locator("tr", has_text=name).first
        row.get_by_role("link", name="last", exact=True).focus()
        press(page, "Enter")
        page.wait_for_url(where)
        expect(page.get_by_text("X-LAST").first).to_be_visible()


def state_of(hub: RunningHub, name: str) -> str:
    running = hub.hub.supervisor.states().get(name)
    return running.state if running else ""


def test_who_may_not_see_connectors_is_not_offered_them(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("nora")
    page.goto(f"{hub.address}/messages")
    expect(page.get_by_role("navigation", name="Exchange")).to_have_count(0)
    answer = page.goto(f"{hub.address}/deliveries")
    assert answer is not None
    assert answer.status == 403


def test_of_what_nothing_is_left_one_can_only_give_it_up(sign_in: SignIn, hub: RunningHub, cabinet: Cabinet) -> None:
    cabinet.answers("AR")
    cabinet.order("X-GONE")
    cabinet.got("X-GONE")
    page = sign_in("ada")
    to_error_queue(page)
    with hub.hub.store.read() as tx:
        (sent,) = messages.listed(tx, messages.MessageFilter(control_id="X-GONE"))
    hub.hub.store.writer.submit(lambda tx: retention.drop_bodies(tx, [sent.id])).result(DEADLINE_S)
    open_first(page)
    expect(page.get_by_role("alert")).to_contain_text("It waits here until someone gives it up")
    expect(page.get_by_role("region", name="What is sent")).to_contain_text("No longer kept")
    expect(page.get_by_text("Send again as it is")).to_have_count(0)
    expect(page.get_by_text("Change it first")).to_have_count(0)
    assert problems(page) == []
    page.locator("summary", has_text="Give it up").focus()
    press(page, "Enter", "Tab")
    page.keyboard.insert_text("asked for once more")
    press(page, "Tab", "Enter")
    page.wait_for_url("**/deliveries")
    expect(page.locator("#list")).not_to_contain_text("X-GONE")
