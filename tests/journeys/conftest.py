"""Chromium against a running hub. One hub and one browser for each worker; each test has its own session."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.journeys.hub import PASSWORD, RunningHub, running, tell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"

SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running(tmp_path_factory.mktemp("hub")) as started:
        tell(started, 120)
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = CHROMIUM or playwright.chromium.executable_path
        if not Path(program).exists():
            pytest.fail("no Chromium on this machine: run `make browser`, or install the package chromium")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_context(browser: Browser, hub: RunningHub) -> Iterator[Callable[..., BrowserContext]]:
    """Browser contexts that fail the test on a script error, a refused policy or a request to another origin."""
    made: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("console", lambda told: complaints.append(told.text) if "Content Security" in told.text else None)
        page.on("request", lambda asked: None if asked.url.startswith(hub.address) else complaints.append(asked.url))

    def open_one(**options: object) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        context.on("page", watch)
        made.append(context)
        return context

    yield open_one
    for context in made:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(open_context: Callable[..., BrowserContext], hub: RunningHub) -> SignIn:
    """A page of a signed-in person: ``sign_in("ada")``."""

    def enter(login: str = "ada", **options: object) -> Page:
        page = open_context(**options).new_page()
        page.goto(f"{hub.address}/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        return page

    return enter


# What fades in is half transparent for a moment, and axe would measure that. A spinner never ends.
STILL = """Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime < Infinity).map((each) => each.finished))"""
EVERYTHING = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
CONTRAST = "{type: 'rule', values: ['color-contrast']}"


def problems(page: Page, rules: str = EVERYTHING) -> list[str]:
    """What axe finds on the page, WCAG 2.2 A and AA: rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(STILL)
    found = page.evaluate(f"axe.run(document, {{runOnly: {rules}, resultTypes: ['violations']}})")
    return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]
