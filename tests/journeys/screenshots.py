"""``python -m tests.journeys.screenshots``: draws the screens shown in the README anew, into `docs/screenshots`."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from playwright.sync_api import Browser, Page, sync_playwright
from tests.journeys.conftest import CHROMIUM
from tests.journeys.hub import BEGAN, DEADLINE_S, PASSWORD, RunningHub, Story, running
from tests.support.receivers import Receiver

from officina import clock
from officina.actions import site
from officina.actions.residents import admit
from officina.order.order import facts_of
from officina.store import Tx, messages, orders, reviews
from officina.store.messages import MessageFilter
from officina.store.rows import MedicationRow

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
COUNT, PACE = 140, 19 * clock.SECOND


# Receivers in three conditions, so that the page of connectors has something to tell.
SENDING = """
[[connector]]
name = "medication record"
kind = "mllp_sender"
profile = "hl7"
settings = { host = "127.0.0.1", port = TAKES, retry_interval_s = 40 }

[[connector]]
name = "cabinet Oakwood House"
kind = "mllp_sender"
profile = "hl7"
settings = { host = "127.0.0.1", port = BUSY, retry_interval_s = 40 }

[[connector]]
name = "archive"
kind = "mllp_sender"
state = "suspended"
profile = "hl7"
settings = { host = "127.0.0.1", port = 2575 }
"""
OWED = """
[[subscription]]
name = "orders to NAME"
event = "order.created"
connector = "NAME"
payload = "source"
"""


class Earlier:
    """A clock that is some time behind, so that messages have come over an hour and not within a second."""

    def __init__(self) -> None:
        self.behind = COUNT * PACE

    def __call__(self) -> int:
        return _present() - self.behind


_present = clock.now


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    earlier = Earlier()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("officina.clock.now", earlier),
        running(Path(folder)) as hub,
        sync_playwright() as playwright,
    ):
        takes = Receiver(lambda number: "AR" if number % 30 == 17 else "AA")
        busy = Receiver(lambda number: "AE" if number > 40 else "AA")
        for receiver in (takes, busy):
            hub.run(receiver.__aenter__())
        ports = SENDING.replace("TAKES", str(takes.port)).replace("BUSY", str(busy.port))
        owed = "".join(OWED.replace("NAME", name) for name in ("medication record", "cabinet Oakwood House", "archive"))
        document = site.parse(ports + owed)
        hub.hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=clock.now())).result()
        story = Story(3, BEGAN)
        for number in range(COUNT):
            earlier.behind -= PACE * (number % 3) if earlier.behind > PACE * 3 else 0
            hub.submit(story.step(BEGAN + timedelta(minutes=number)).raw)
        earlier.behind = 0
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        _draw(browser, hub)
        browser.close()


def _draw(browser: Browser, hub: RunningHub) -> None:
    with hub.hub.store.read() as tx:
        recent = messages.listed(tx, MessageFilter(state="accepted"), limit=50)
        told = next(row.id for row in recent if len(messages.caused(tx, row.id).orders) == 1)
        changed = max(orders.listed(tx, limit=100), key=lambda row: row.version).id
    waits = _residents(hub)
    light, dark, phone = _page(browser, hub, "light"), _page(browser, hub, "dark"), _page(browser, hub, "light", True)
    _shot(_page(browser, hub, "light", login="ada"), hub, "/connectors", "connectors")
    _shot(_page(browser, hub, "light", login="nora"), hub, f"/review/{waits}", "review")
    _shot(light, hub, "/messages", "messages")
    _shot(light, hub, f"/messages/{told}", "message")
    _shot(light, hub, "/orders", "orders")
    _shot(dark, hub, f"/orders/{changed}", "order")
    _shot(phone, hub, "/orders", "phone")


def _residents(hub: RunningHub) -> int:
    """Everybody lives there, and what the pharmacy has changed since stands on their lists; one of those that wait."""

    def work(tx: Tx) -> int:
        rows = reviews.pending(tx, {place.id for place in hub.hub.supervisor.site().places.values()})
        for row in {each.patient_id: each for each in rows}.values():
            admit(tx, row.patient_id, row.place_id, (), by="person:nora", at=row.opened_at, allergies="penicillin")
        changed = [row for row in rows if row.version > 1]
        for row in changed:
            first = orders.versions(tx, row.order_id)[0]
            drug = str(facts_of(first.facts).get("drug_text", ""))
            whose, at = (row.place_id, row.patient_id, row.order_id), row.opened_at
            listed = MedicationRow(tx.id(), *whose, drug, first.facts, at, None, at)
            reviews.add_medication(tx, listed)
        return next(row.order_id for row in changed if orders.by_ids(tx, [row.order_id])[0].status == "changed")

    return hub.hub.store.writer.submit(work).result(DEADLINE_S)


def _page(browser: Browser, hub: RunningHub, scheme: str, phone: bool = False, login: str = "phil") -> Page:
    size = {"width": 390, "height": 844} if phone else {"width": 1366, "height": 768}
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        timezone_id="America/New_York",
        is_mobile=phone,
        has_touch=phone,
    )
    page = context.new_page()
    page.goto(f"{hub.address}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    return page


def _shot(page: Page, hub: RunningHub, path: str, name: str) -> None:
    page.goto(hub.address + path)
    if page.locator("[data-pulse]").count():
        page.wait_for_selector("[data-pulse].s-done")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
