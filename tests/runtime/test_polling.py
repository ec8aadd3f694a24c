"""What partners leave in mailboxes is taken in once and put away only then: a running hub, real mailboxes."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from sqlalchemy import text
from tests.support.hub import SITE, running_hub
from tests.support.mailboxes import ImapServer, WebMailbox, basic
from tests.support.samples import rde_o11

from officina.actions import connectors
from officina.app import Hub

DEADLINE_S = 20.0
QUICK = "interval_s = 0.1, retry_most_s = 0.2, still_s = 0.1"


def polling(settings: str) -> str:
    return f"""{SITE}
[[connector]]
name = "vendor"
kind = "mailbox_poller"
profile = "hl7"
settings = {{ {QUICK}, {settings} }}
"""


def folder(path: Path, more: str = "") -> str:
    path.mkdir(exist_ok=True)
    return polling(f'mailbox = "folder", location = "{path}"{more}')


async def until(hub: Hub, holds: Callable[[], bool]) -> None:
    """Looks again whenever the hub's bus tells of something; pollers tell of each look."""
    async with asyncio.timeout(DEADLINE_S), hub.bus.subscribe() as watch:
        if holds():
            return
        async for _ in watch:
            if holds():
                return


async def looks(hub: Hub, count: int = 2) -> None:
    """Once it has looked so many times more."""
    poller = hub.supervisor.pollers.of("vendor")
    assert poller is not None
    for _ in range(count):
        before = poller.looked_at
        await until(hub, lambda before=before: poller.looked_at != before)  # type: ignore[misc]


def messages(hub: Hub) -> list[tuple[str, str, str]]:
    """Control id, state and reason of what came, in its order."""
    with hub.store.read() as tx:
        rows = tx.execute(text("SELECT control_id, state, reason FROM message ORDER BY id")).all()
    return [tuple(row) for row in rows]  # type: ignore[misc]


def findings(hub: Hub) -> str:
    with hub.store.read() as tx:
        return str(tx.execute(text("SELECT findings FROM message_body")).all())


def orders(hub: Hub) -> list[str]:
    with hub.store.read() as tx:
        return [row[0] for row in tx.execute(text('SELECT placer_number FROM "order" ORDER BY id'))]


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir())


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "box").mkdir()
    return tmp_path / "box"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'officina.db'}"


async def test_a_file_becomes_an_order_and_is_marked(url: str, box: Path) -> None:
    (box / "one.hl7").write_bytes(rde_o11("A1"))
    async with running_hub(url, folder(box)) as hub:
        await until(hub, lambda: names(box) == ["one.hl7.done"])
        assert orders(hub) == ["PL-77812"]
        assert [each[:2] for each in messages(hub)] == [("A1", "accepted")]
        await looks(hub, 3)
        assert len(messages(hub)) == 1
        running = hub.supervisor.states()["vendor"]
        assert (running.state, running.reason, running.address) == ("running", "", str(box))
        assert running.looked_at is not None
        assert running.next_at is not None


async def test_a_batch_is_taken_apart_and_its_answers_are_left_beside(url: str, box: Path) -> None:
    first, second = rde_o11("A1"), rde_o11("A2", placer_number="PL-2", filler_number="RX-2", prescription_number="RX-2")
    (box / "batch.HL7").write_bytes(b"BHS|^~\\&|V\r" + first + second + b"BTS|2\r")
    (box / "readme.txt").write_bytes(b"not for the hub\n")
    more = ', pattern = "*.hl7", after = "move", answers_to = "answers"'
    async with running_hub(url, folder(box, more)) as hub:
        await until(hub, lambda: "batch.HL7" not in names(box))
        assert orders(hub) == ["PL-77812", "PL-2"]
        assert names(box) == ["answers", "done", "readme.txt"]
        assert names(box / "done") == ["batch.HL7"]
        answers = (box / "answers" / "batch.HL7.ack").read_bytes()
        assert answers.count(b"MSA|CA|A1") == answers.count(b"MSA|CA|A2") == 1  # MSH-15 asks for them


async def test_a_name_that_is_used_again_loses_nothing(url: str, box: Path) -> None:
    async with running_hub(url, folder(box, ', after = "move"')) as hub:
        for count, control_id in enumerate(("A1", "A2"), 1):
            (box / "orders").write_bytes(rde_o11(control_id))
            await until(hub, lambda count=count: len(names(box / "done") if (box / "done").exists() else []) == count)  # type: ignore[misc]
        assert names(box / "done") == ["orders", "orders.2"]
        assert (box / "done" / "orders").read_bytes() == rde_o11("A1")


async def test_what_is_refused_is_kept_and_not_fetched_for_ever(url: str, box: Path) -> None:
    (box / "wrong").write_bytes(b"this is no message\r")
    (box / "zz-right").write_bytes(rde_o11("A1"))
    async with running_hub(url, folder(box, ', after = "delete"')) as hub:
        await until(hub, lambda: names(box) == [])
        assert sorted(each[1] for each in messages(hub)) == ["accepted", "unreadable"]


async def test_a_file_that_is_being_written_is_waited_for(url: str, box: Path) -> None:
    whole = rde_o11("A1")
    async with running_hub(url, folder(box)) as hub:
        with (box / "slow.hl7").open("wb", buffering=0) as file:
            for start in range(0, len(whole), 200):
                file.write(whole[start : start + 200])
                await looks(hub, 3)  # still for long enough, were it not for its end
                if start + 200 < len(whole):
                    assert messages(hub) == []
        await until(hub, lambda: names(box) == ["slow.hl7.done"])
        assert [each[:2] for each in messages(hub)] == [("A1", "accepted")]
        assert orders(hub) == ["PL-77812"]


async def test_a_file_that_never_ends_is_taken_after_the_longest_wait_and_that_is_told(url: str, box: Path) -> None:
    (box / "cut.hl7").write_bytes(rde_o11("A1").rstrip(b"\r"))
    async with running_hub(url, folder(box, ", wait_most_s = 0.4")) as hub:
        await until(hub, lambda: names(box) == ["cut.hl7.done"])
        assert [each[:2] for each in messages(hub)] == [("A1", "accepted")]
        assert "segment_end_missing" in findings(hub)


async def test_links_and_hidden_files_are_no_messages(url: str, box: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(rde_o11("A1"))
    (box / "link").symlink_to(tmp_path / "secret")
    (box / ".part").write_bytes(rde_o11("A2"))
    async with running_hub(url, folder(box)) as hub:
        await looks(hub, 4)
        assert messages(hub) == []


async def test_a_file_that_is_too_large_stays_is_told_and_holds_up_no_other(url: str, box: Path) -> None:
    (box / "a-large").write_bytes(b"MSH|" + b"x" * 2000 + b"\r")
    (box / "b-right").write_bytes(rde_o11("A1"))
    async with running_hub(url, folder(box, ", max_bytes = 1024")) as hub:
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
        assert names(box) == ["a-large", "b-right.done"]
        assert hub.supervisor.states()["vendor"].reason == "a file of 2005 bytes is larger than 1024"
        (box / "a-large").unlink()
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "running")


async def test_a_mailbox_that_is_away_is_told_tried_less_often_and_found_again(url: str, box: Path) -> None:
    document = folder(box)
    box.rmdir()
    async with running_hub(url, document) as hub:
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
        assert hub.supervisor.states()["vendor"].reason == "the folder cannot be read: No such file or directory"
        box.mkdir()
        (box / "one").write_bytes(rde_o11("A1"))
        await until(hub, lambda: names(box) == ["one.done"])
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "running")


async def test_a_look_can_be_had_at_once(url: str, box: Path) -> None:
    document = folder(box).replace("interval_s = 0.1", "interval_s = 3600")
    async with running_hub(url, document) as hub:
        poller = hub.supervisor.pollers.of("vendor")
        assert poller is not None
        await until(hub, lambda: poller.looked_at is not None)
        before = poller.looked_at
        (box / "one").write_bytes(rde_o11("A1"))
        hub.supervisor.go_on("vendor")
        await until(hub, lambda: names(box) == ["one.done"])
        assert poller.looked_at != before
        await hub.supervisor.test("vendor")


async def test_a_file_that_cannot_be_put_away_is_fetched_once(url: str, box: Path) -> None:
    (box / "done").write_bytes(b"a file where the folder should be\r")  # so that moving fails
    (box / "one.hl7").write_bytes(rde_o11("A1"))
    async with running_hub(url, folder(box, ', pattern = "*.hl7", after = "move"')) as hub:
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
        assert len(messages(hub)) == 1
        (box / "done").unlink()
        await until(hub, lambda: "one.hl7" not in names(box))
        assert len(messages(hub)) == 1


async def test_a_suspended_mailbox_is_left_alone_until_it_is_resumed(url: str, box: Path) -> None:
    async with running_hub(url, folder(box)) as hub:
        await looks(hub)
        number = hub.supervisor.site().connectors["vendor"].id

        async def become(state: connectors.State) -> None:
            hub.store.writer.submit(lambda tx: connectors.set_state(tx, number, state, actor="system", at=2)).result()
            await hub.supervisor.caught_up()

        await become("suspended")
        assert hub.supervisor.pollers.of("vendor") is None
        (box / "one").write_bytes(rde_o11("A1"))
        assert hub.supervisor.states()["vendor"].state == "suspended"
        await become("active")
        await until(hub, lambda: names(box) == ["one.done"])


async def test_an_alert_tells_of_a_mailbox_that_is_away(url: str, box: Path) -> None:
    document = folder(box)
    box.rmdir()
    async with running_hub(url, document) as hub:
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
        assert not hub.supervisor.sound

        def alerts() -> list[tuple[str, str, bool]]:
            with hub.store.read() as tx:
                rows = tx.execute(text("SELECT kind, subject, closed_at IS NULL FROM alert")).all()
            return [(kind, subject, bool(is_open)) for kind, subject, is_open in rows]

        await until(hub, lambda: alerts() == [("connector_failed", "vendor", True)])
        box.mkdir()
        await until(hub, lambda: alerts() == [("connector_failed", "vendor", False)])


@asynccontextmanager
async def two_hubs(url: str, document: str) -> AsyncIterator[tuple[Hub, Hub]]:
    async with (
        running_hub(url, document, name="first", lease_seconds=600) as first,
        running_hub(url, document, name="second", lease_seconds=600) as second,
    ):
        yield first, second


async def test_of_two_hubs_one_looks(postgresql_url: str, box: Path) -> None:
    async with two_hubs(postgresql_url, folder(box)) as (first, second):
        await looks(first)
        (box / "one").write_bytes(rde_o11("A1"))
        await until(first, lambda: names(box) == ["one.done"])
        await until(second, lambda: second.supervisor.states()["vendor"].hub == "first")
        assert second.supervisor.states()["vendor"].looked_at is None
        assert len(messages(first)) == 1


# --- https and imap ----------------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's context; its authority is in ca.pem."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return context


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "VENDOR_PASSWORD", "open sesame")


def web(server: WebMailbox, path: Path, more: str = "") -> str:
    location = f'mailbox = "https", location = "https://localhost:{server.port}/box/", ca = "{path / "ca.pem"}"'
    return polling(f'{location}, user = "hub", password_env = "VENDOR_PASSWORD"{more}')


@pytest.mark.parametrize(("after", "method"), [("mark", "POST"), ("delete", "DELETE")])
async def test_items_of_a_web_server_become_orders(
    url: str, tmp_path: Path, tls: ssl.SSLContext, after: str, method: str
) -> None:
    async with WebMailbox(tls) as server:
        server.items = {"17": rde_o11("A1")}
        async with running_hub(url, web(server, tmp_path, f', after = "{after}"')) as hub:
            await until(hub, lambda: not server.items)
            assert server.finished == [(method, "17")]
            assert orders(hub) == ["PL-77812"]
            assert set(server.asked_as) == {basic("hub", "open sesame")}


def refuses(server: WebMailbox) -> None:
    server.status = 401


def lists_a_stranger(server: WebMailbox) -> None:
    server.lists = b'["https://elsewhere.example/17"]'


def lists_nonsense(server: WebMailbox) -> None:
    server.lists = b"<html>"


def breaks_off(server: WebMailbox) -> None:
    server.cut = 100


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [
        (refuses, "the mailbox answers 401"),
        (lists_a_stranger, "its list names an item on another host"),
        (lists_nonsense, "its answer is not a list of items"),
        (breaks_off, "the mailbox broke off 100 bytes before the end of an item"),
    ],
)
async def test_a_web_server_that_misbehaves_is_told_and_loses_nothing(
    url: str, tmp_path: Path, tls: ssl.SSLContext, misbehave: Callable[[WebMailbox], None], reason: str
) -> None:
    async with WebMailbox(tls) as server:
        server.items = {"17": rde_o11("A1")}
        misbehave(server)
        async with running_hub(url, web(server, tmp_path)) as hub:
            await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
            assert hub.supervisor.states()["vendor"].reason == reason
            assert (messages(hub), server.finished) == ([], [])
            server.status, server.lists, server.cut = 200, None, 0
            await until(hub, lambda: server.finished == [("POST", "17")])
            assert orders(hub) == ["PL-77812"]


async def test_a_server_that_the_authority_does_not_vouch_for_is_not_spoken_to(
    url: str, tmp_path: Path, tls: ssl.SSLContext
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with WebMailbox(tls) as server, running_hub(url, web(server, tmp_path)) as hub:
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
        assert "certificate" in hub.supervisor.states()["vendor"].reason
        assert server.asked_as == []


def mail(*attachments: tuple[str, bytes], body: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "vendor@example.org", "hub@example.org", "orders"
    message.set_content(body or "See the attachment.")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def account(server: ImapServer, path: Path, more: str = "") -> str:
    location = f'mailbox = "imap", location = "imaps://localhost:{server.port}", ca = "{path / "ca.pem"}"'
    return polling(f'{location}, user = "hub", password_env = "VENDOR_PASSWORD"{more}')


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("after", ["mark", "move", "delete"])
async def test_mails_become_orders(url: str, tmp_path: Path, tls: ssl.SSLContext, after: str, moves: bool) -> None:
    async with ImapServer(tls, moves=moves) as server:
        server.put(9, mail(("a.hl7", rde_o11("A1")), ("logo.png", b"picture")))
        second = rde_o11("A2", placer_number="PL-2", filler_number="RX-2", prescription_number="RX-2")
        server.put(10, mail(body=second.decode().replace("\r", "\n")))
        more = f', pattern = "*.hl7", after = "{after}", move_to = "Kept mail"'
        async with running_hub(url, account(server, tmp_path, more)) as hub:
            put_away: Callable[[], bool] = {
                "mark": lambda: server.flags == {9: {"\\Seen"}, 10: {"\\Seen"}},
                "move": lambda: server.moved == {9: '"Kept mail"', 10: '"Kept mail"'} and not server.mails,
                "delete": lambda: not server.mails and not server.moved,
            }[after]
            await until(hub, put_away)
            assert [each[:2] for each in messages(hub)] == [("A1", "accepted"), ("A2", "accepted")]
            assert orders(hub) == ["PL-77812", "PL-2"]
            await looks(hub, 2)
            assert len(messages(hub)) == 2


async def test_a_wrong_password_is_told(
    url: str, tmp_path: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "VENDOR_PASSWORD", "wrong")
    async with ImapServer(tls) as server, running_hub(url, account(server, tmp_path)) as hub:
        await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
        fault = hub.supervisor.fault("vendor")
        assert fault is not None
        assert (fault.text, fault.remedy) == ("it refuses the user and password", "see user and password_env")


async def test_a_mail_folder_that_is_not_there_is_told_by_its_name(
    url: str, tmp_path: Path, tls: ssl.SSLContext
) -> None:
    async with ImapServer(tls) as server:
        document = account(server, tmp_path).replace(f":{server.port}", f":{server.port}/Orders")
        async with running_hub(url, document) as hub:
            await until(hub, lambda: hub.supervisor.states()["vendor"].state == "failed")
            assert hub.supervisor.states()["vendor"].reason == "the mail server refuses to open the folder Orders"
