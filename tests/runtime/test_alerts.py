"""Alerts of a hub on a real book, told to a real mail server and a real webhook: once, also over a restart."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trustme
from tests.support.book import Site, add_chain, add_site, patient_row
from tests.support.told import Hook, MailServer

from officina import clock
from officina.actions import alerts as actions
from officina.actions import site
from officina.errors import Conflict, NotFound
from officina.outbound.retry import Pace
from officina.runtime.bus import Bus
from officina.runtime.notifier import Notifier
from officina.store import Store, alerts, events, intake, open_store
from officina.store.events import EventFilter
from officina.store.rows import NoticeRow
from officina.workflow.alert import Key

DEADLINE_S = 20.0
MINUTE = 60 * clock.SECOND
STUCK: Key = ("queue_age", "cabinet")
FULL: Key = ("queue_depth", "cabinet")
AT = clock.instant(datetime(2026, 3, 28, 23, 0, tzinfo=ZoneInfo("Europe/Madrid")))
HOME = "https://hub.example.org/"
CANARIES = ("Xylophonova", "QX7788990", "Zanzibarmycin")

MAIL = """
[[notify]]
name = "mail"
kind = "email"
[notify.settings]
host = "localhost"
port = PORT
security = "none"
sender = "hub@example.org"
to = ["night@example.org", "day@example.org"]
"""
HOOK = """
[[notify]]
name = "hook"
kind = "webhook"
settings = { url = "http://127.0.0.1:PORT/hook", secret_env = "HOOK_SECRET" }
"""


class Book:
    """A book with a clock of its own, and the hub's notifier over it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.at = AT

    def now(self) -> int:
        return self.at

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Store]:
        """One life of the notifier, from start to stop."""
        with open_store(self.url) as store:
            bus = Bus()
            bus.attach(asyncio.get_running_loop())
            store.writer.on_commit(bus.publish)
            notifier = Notifier(
                store, bus, lambda: self.site(store), self.now, lambda: True, pace=Pace(0.05), home=HOME
            )
            notifier.start()
            try:
                yield store
            finally:
                await notifier.stop()

    def site(self, store: Store) -> site.Site:
        with store.read() as tx:
            return site.load_site(tx)

    def apply(self, text: str) -> None:
        with open_store(self.url) as store, store.write() as tx:
            site.apply(tx, site.parse(text), actor="system", at=1)

    async def observe(self, store: Store, readings: dict[Key, float | None]) -> None:
        found = self.site(store)
        await asyncio.wrap_future(
            store.writer.submit(lambda tx: actions.observe(tx, readings, found.alert_rules, found.channels, at=self.at))
        )

    def notices(self, store: Store) -> list[NoticeRow]:
        with store.read() as tx:
            return alerts.notices(tx, [row.id for row in alerts.recent(tx)])


@pytest.fixture
def book(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Book:
    monkeypatch.setenv("HOOK_SECRET", "between us")
    return Book(database_url)


async def until(server: MailServer | Hook, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not holds():
            server.came.clear()
            await server.came.wait()


async def settled(book: Book, store: Store, *states: str) -> None:
    """Waits until the notices are in these states."""
    async with asyncio.timeout(DEADLINE_S):
        while [each.state for each in book.notices(store)] != list(states):
            await asyncio.wrap_future(store.writer.submit(lambda tx: None))


async def test_an_alert_is_told_once_when_it_opens_and_once_when_it_is_over(book: Book) -> None:
    async with MailServer() as mail, Hook() as hook:
        book.apply(MAIL.replace("PORT", str(mail.port)) + HOOK.replace("PORT", str(hook.port)))
        async with book.life() as store:
            for _ in range(3):
                await book.observe(store, {STUCK: 61.0})
            await until(mail, lambda: len(mail.mails) == 1)
            await until(hook, lambda: len(hook.got) == 1)
            await settled(book, store, "told", "told")
            await book.observe(store, {STUCK: 45.0})  # between its thresholds
            await book.observe(store, {STUCK: 0.0})
            await until(mail, lambda: len(mail.mails) == 2)
            await until(hook, lambda: len(hook.got) == 2)
            await settled(book, store, "told", "told", "told", "told")
            with store.read() as tx:
                kinds = [each.kind for each in events.listed(tx, EventFilter(unprompted=True))]
    assert [kind for kind in kinds if kind.startswith("alert")] == ["alert.closed", "alert.opened"]
    first, last = mail.mails
    assert first["Subject"] == "[Officina] Queue stands still: cabinet"
    assert "cabinet: the first delivery waits 61 minutes." in first.get_content()
    assert last["Subject"] == "[Officina] Over: Queue stands still: cabinet"
    assert first["To"] == "night@example.org, day@example.org"
    headers, body = hook.got[0]
    stamp = headers["x-officina-timestamp"]
    expected = hmac.new(b"between us", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-officina-signature"] == f"sha256={expected}"
    said = json.loads(body)
    assert (said["event"], said["alert"]["kind"], said["alert"]["urgent"]) == ("alert.opened", "queue_age", True)
    assert json.loads(hook.got[1][1])["event"] == "alert.closed"
    assert said["alert"]["link"] == f"https://hub.example.org/alerts?alert={said['alert']['id']}"
    assert said["alert"]["link"] in first.get_content()


async def test_what_could_not_be_told_is_told_after_a_restart_and_never_again(book: Book) -> None:
    async with MailServer() as mail:
        mail.refusing = True
        book.apply(MAIL.replace("PORT", str(mail.port)))
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            await until(mail, lambda: mail.refused >= 1)
        mail.refusing = False
        book.at += 3600 * clock.SECOND
        for _ in range(2):
            async with book.life() as store:
                await until(mail, lambda: len(mail.mails) == 1)
                await settled(book, store, "told")
        assert len(mail.mails) == 1


async def test_what_was_not_told_when_the_hub_was_killed_is_told_by_the_next(book: Book) -> None:
    async with MailServer() as mail:
        mail.refusing = True
        book.apply(MAIL.replace("PORT", str(mail.port)))
        doomed = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.doomed", book.url, str(book.at)
        )
        await until(mail, lambda: mail.refused >= 1)
        doomed.kill()
        await doomed.wait()
        mail.refusing = False
        book.at += 3600 * clock.SECOND
        async with book.life() as store:
            await until(mail, lambda: len(mail.mails) == 1)
            await settled(book, store, "told")
    assert mail.mails[0]["Subject"] == "[Officina] Queue stands still: cabinet"


async def test_a_way_that_does_not_work_holds_up_no_other(book: Book) -> None:
    async with MailServer() as mail, Hook() as hook:
        hook.status = 302
        book.apply(MAIL.replace("PORT", str(mail.port)) + HOOK.replace("PORT", str(hook.port)))
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            await until(mail, lambda: len(mail.mails) == 1)
            await until(hook, lambda: hook.asked >= 1)
            assert hook.got == []


async def test_in_quiet_hours_only_what_is_urgent_is_told_and_the_rest_when_they_end(book: Book) -> None:
    """In the night in which the clock is put on: they end an hour sooner."""
    quiet = 'quiet = "22:00-06:00"\ntime_zone = "Europe/Madrid"\n'
    async with MailServer() as mail:
        book.apply(MAIL.replace("PORT", str(mail.port)) + quiet)
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0, FULL: 1000.0, ("error_queue", "cabinet"): 3.0})
            await until(mail, lambda: len(mail.mails) == 1)
            assert "stands still" in mail.mails[0]["Subject"]
            await book.observe(store, {STUCK: 61.0, FULL: 1000.0, ("error_queue", "cabinet"): 0.0})
            await settled(book, store, "dropped", "told", "waiting")
            waiting = [each for each in book.notices(store) if each.state == "waiting"]
            assert [each.due_at for each in waiting] == [AT + 6 * 3600 * clock.SECOND]
        book.at = waiting[0].due_at - 1
        async with book.life() as store:
            assert [each.state for each in book.notices(store) if each.what == "opened"].count("waiting") == 1
        book.at += 1
        async with book.life() as store:
            await until(mail, lambda: len(mail.mails) == 2)
    assert "Long queue" in mail.mails[1]["Subject"]  # what was over before it was told is not told at all


async def test_an_urgent_one_is_repeated_until_somebody_takes_it_on(book: Book) -> None:
    async with MailServer() as mail:
        book.apply(MAIL.replace("PORT", str(mail.port)))
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0, FULL: 1000.0})
            await until(mail, lambda: len(mail.mails) == 2)
            await settled(book, store, "told", "told")
            book.at += 59 * MINUTE
            await book.observe(store, {STUCK: 61.0, FULL: 1000.0})
            book.at += 2 * MINUTE
            await book.observe(store, {STUCK: 61.0, FULL: 1000.0})
            await until(mail, lambda: len(mail.mails) == 3)
            assert mail.mails[2]["Subject"] == "[Officina] Still: Queue stands still: cabinet"
            await settled(book, store, *["told"] * 3)
            with store.read() as tx:
                number = next(row.id for row in alerts.still_open(tx) if row.kind == "queue_age")
            for _ in range(2):
                await asyncio.wrap_future(
                    store.writer.submit(lambda tx: actions.acknowledge(tx, number, actor="person:ada", at=book.at))
                )
            book.at += 120 * MINUTE
            await book.observe(store, {STUCK: 61.0, FULL: 1000.0})
            assert len(book.notices(store)) == 3
            with store.read() as tx:
                row = alerts.get(tx, number)
                told = events.listed(tx, EventFilter(subject="alert", subject_id=number))
    assert row is not None
    assert (row.acknowledged_by, row.closed_at) == ("person:ada", None)
    assert [each.kind for each in told] == ["alert.acknowledged", "alert.opened"]


async def test_only_an_open_alert_can_be_acknowledged(book: Book) -> None:
    with open_store(book.url) as store:
        await book.observe(store, {STUCK: 61.0})
        await book.observe(store, {})  # its connector is gone
        with store.read() as tx:
            [row] = alerts.recent(tx)
        assert row.closed_at == book.at
        for number, refusal in ((row.id, Conflict), (10**9, NotFound)):
            with pytest.raises(refusal), store.write() as tx:
                actions.acknowledge(tx, number, actor="person:ada", at=book.at)


async def test_mail_goes_over_starttls_with_a_password_from_the_environment(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    async with MailServer(context) as mail:
        text = MAIL.replace("PORT", str(mail.port)).replace('"none"', '"starttls"')
        text += f'ca = "{tmp_path / "ca.pem"}"\nuser = "hub"\npassword_env = "MAIL_PASSWORD"\n'
        book.apply(text)
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            await until(mail, lambda: len(mail.mails) == 1)
            with store.read() as tx:
                exported = site.export(tx)
    assert (mail.secure, mail.signed_in) == ([True], [b"\0hub\0s3cret"])
    assert "s3cret" not in exported


async def test_mail_goes_over_tls_from_the_start(book: Book, tmp_path: Path) -> None:
    context, trusted = tls_of("localhost", tmp_path)
    async with MailServer(tls=context) as mail:
        text = MAIL.replace("PORT", str(mail.port)).replace('"none"', '"tls"')
        book.apply(f'{text}ca = "{trusted}"\n')
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            await until(mail, lambda: len(mail.mails) == 1)
    assert mail.secure == [True]


async def test_a_webhook_is_called_over_tls(book: Book, tmp_path: Path) -> None:
    context, trusted = tls_of("localhost", tmp_path)
    async with Hook(context) as hook:
        text = HOOK.replace("http://127.0.0.1", "https://localhost").replace("PORT", str(hook.port))
        book.apply(text.replace("secret_env", f'ca = "{trusted}", secret_env'))
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            await until(hook, lambda: len(hook.got) == 1)
    assert json.loads(hook.got[0][1])["event"] == "alert.opened"


@pytest.mark.parametrize("way", ["mail", "hook"])
async def test_whose_certificate_is_not_trusted_is_told_nothing(
    book: Book, tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    """The system trusts no authority of ours."""
    context, _ = tls_of("localhost", tmp_path)
    async with MailServer(tls=context) as mail, Hook(context) as hook:
        texts = {
            "mail": MAIL.replace("PORT", str(mail.port)).replace('"none"', '"tls"'),
            "hook": HOOK.replace("http://127.0.0.1", "https://localhost").replace("PORT", str(hook.port)),
        }
        book.apply(texts[way])
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            async with asyncio.timeout(DEADLINE_S):
                while not book.notices(store)[0].attempts:
                    await asyncio.wrap_future(store.writer.submit(lambda tx: None))
    assert (mail.mails, hook.got) == ([], [])
    assert "certificate" in caplog.text


def tls_of(host: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS, and the file with the authority that signs its certificate."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return context, folder / "authority.pem"


async def test_a_way_that_is_added_hears_of_what_is_open_already_and_unanswered(book: Book) -> None:
    readings: dict[Key, float | None] = {STUCK: 61.0, FULL: 1000.0, ("disk", "database"): 5.0}
    async with MailServer() as mail, Hook() as hook:
        book.apply(MAIL.replace("PORT", str(mail.port)))
        with open_store(book.url) as store:
            await book.observe(store, readings)
            with store.write() as tx:
                taken_on = next(row.id for row in alerts.still_open(tx) if row.kind == "disk")
                actions.acknowledge(tx, taken_on, actor="person:ada", at=book.at)
        book.apply(HOOK.replace("PORT", str(hook.port)))
        async with book.life() as store:
            for _ in range(2):
                await book.observe(store, readings)
                await until(hook, lambda: len(hook.got) == 2)
                await until(mail, lambda: len(mail.mails) == 2)
        told = [json.loads(body) for _, body in hook.got]
        assert {(each["event"], each["alert"]["kind"]) for each in told} == {
            ("alert.opened", "queue_age"),
            ("alert.opened", "queue_depth"),
        }
        async with book.life() as store:
            await book.observe(store, {})
            await until(hook, lambda: len(hook.got) == 4)
            await until(mail, lambda: len(mail.mails) == 4)


async def test_what_is_told_twice_over_a_crash_has_the_same_name_twice(book: Book) -> None:
    """The hub dies between the server's yes and its entry in the book: the notice waits as before."""
    async with MailServer() as mail, Hook() as hook:
        book.apply(MAIL.replace("PORT", str(mail.port)) + HOOK.replace("PORT", str(hook.port)))
        async with book.life() as store:
            await book.observe(store, {STUCK: 61.0})
            await settled(book, store, "told", "told")
        with open_store(book.url) as store:
            waiting = [{"id": each.id, "state": "waiting", "told_at": None} for each in book.notices(store)]
            with store.write() as tx:
                alerts.update_notices(tx, waiting)
        async with book.life() as store:
            await settled(book, store, "told", "told")
    assert len({mail["Message-ID"] for mail in mail.mails}) == 1
    assert len({json.loads(body)["id"] for _, body in hook.got}) == 1
    assert (len(mail.mails), len(hook.got)) == (2, 2)


async def test_nothing_of_a_patient_leaves_with_an_alert(book: Book) -> None:
    """The deliveries that are stuck carry a patient; what is told does not."""
    async with MailServer() as mail, Hook() as hook:
        book.apply(MAIL.replace("PORT", str(mail.port)) + HOOK.replace("PORT", str(hook.port)))
        with open_store(book.url) as store, store.write() as tx:
            where: Site = add_site(tx)
            patient = patient_row(tx, where, family=CANARIES[0])
            intake.insert_patients(tx, [patient])
            add_chain(tx, where, raw=" ".join(CANARIES).encode(), patient=patient)
        async with book.life() as store:
            await book.observe(store, {("queue_age", "trees-in"): 61.0, ("error_queue", "trees-in"): 1.0})
            await until(mail, lambda: len(mail.mails) == 2)
            await until(hook, lambda: len(hook.got) == 2)
    sent = b"".join([*mail.raw, *[body for _, body in hook.got]]).decode().casefold()
    assert "trees-in" in sent
    assert [word for word in CANARIES if word.casefold() in sent] == []
