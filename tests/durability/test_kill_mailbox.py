"""Kill -9 while a mailbox is emptied: each message has its effect once, and none stays behind or vanishes."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from pathlib import Path

import pytest
import trustme
from benchmarks.hub import Hub
from tests.durability.book import Book
from tests.durability.generator import KILLS
from tests.support.apart import DEADLINE_S, Apart
from tests.support.mailboxes import WebMailbox
from tests.support.samples import rde_o11

pytestmark = pytest.mark.timeout(240 + 30 * KILLS)

FILES = 60 * KILLS
_CONNECTOR = """
[[connector]]
name = "vendor"
kind = "mailbox_poller"
profile = "hl7"
settings = {{ {}, interval_s = 0.1, still_s = 0.1 }}
"""


def order(number: int) -> bytes:
    name = f"PL-{number}"
    fields = {"PV1-3.4": "OAK01", "MSH-15": "", "MSH-16": ""}
    return rde_o11(f"C{number}", placer_number=name, filler_number=name, prescription_number=name, **fields)


def came(book: Book) -> list[tuple[str, str]]:
    """Control id and state of everything that was received, in its order."""
    return [(row[0], row[1]) for row in book.rows("SELECT control_id, state FROM message ORDER BY id")]


def test_a_crash_between_the_commit_and_the_report_makes_a_repetition(url: str, tmp_path: Path) -> None:
    """The server hears that the item is done, which is said after the commit; the hub dies before it has the answer."""
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    hub, book = Hub(url, tmp_path), Book(url)
    with Apart() as apart:
        server = WebMailbox(tls)
        server.items, server.forgets = {"17": order(1)}, True
        apart.run(server.__aenter__())
        try:
            where = f'mailbox = "https", location = "https://localhost:{server.port}/box/", ca = "{tmp_path}/ca.pem"'
            hub.apply(_CONNECTOR.format(where))
            hub.start()
            apart.run(reported(server))
            hub.kill()
            assert came(book) == [("C1", "accepted")]
            server.forgets = False
            hub.start()
            apart.run(emptied(server))
            assert came(book) == [("C1", "accepted"), ("C1", "duplicate")]
            assert book.broken() == {}
        finally:
            hub.kill()
            book.close()
            apart.run(server.__aexit__())


async def reported(server: WebMailbox) -> None:
    async with asyncio.timeout(DEADLINE_S):
        await server.reported.wait()


async def emptied(server: WebMailbox) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while server.items:
            server.came.clear()
            await server.came.wait()


def test_a_folder_is_emptied_whatever_happens_to_the_hub(url: str, tmp_path: Path) -> None:
    dice = random.Random()
    box = tmp_path / "box"
    box.mkdir()
    for number in range(FILES):
        (box / f"{number:04}.hl7").write_bytes(order(number))
    hub, book = Hub(url, tmp_path), Book(url)
    try:
        hub.apply(_CONNECTOR.format(f'mailbox = "folder", location = "{box}", after = "move"'))
        for _ in range(KILLS):
            hub.start()
            left(box, at_most=len(list(box.glob("*.hl7"))) - dice.choice((1, 5, 30)))
            hub.kill()
            assert book.broken() == {}
        hub.start()
        left(box, at_most=0)
        hub.stop()
        accepted = [control_id for control_id, state in came(book) if state == "accepted"]
        assert sorted(accepted) == sorted(f"C{number}" for number in range(FILES))
        assert len(came(book)) <= FILES + KILLS  # one file for each kill may have been fetched again
        assert len(list((box / "done").iterdir())) == FILES
        assert book.broken() == {}
    finally:
        hub.kill()
        book.close()


def left(box: Path, *, at_most: int) -> None:
    """Returns once no more than so many files wait."""
    deadline = time.monotonic() + DEADLINE_S
    while len(list(box.glob("*.hl7"))) > at_most:
        assert time.monotonic() < deadline, "the folder is not emptied"
        time.sleep(0.005)
