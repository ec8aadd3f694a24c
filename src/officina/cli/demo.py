"""`officina demo`: a hub with a demo site and simulated partners, in one command."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from officina.actions.site import Document
    from officina.config import Settings
    from officina.store import Store, Tx

LOGIN: Final = "demo"
PASSWORD: Final = "officina-demo"
DATABASE: Final = "sqlite:///var/demo/officina.db"
LISTENER: Final = "mllp_listener"
SENDER: Final = "mllp_sender"


def demo(
    web_port: Annotated[int | None, typer.Option(help="Port of the screens; default: web_port (8080).")] = None,
    mllp_port: Annotated[
        int | None, typer.Option(envvar="OFFICINA_DEMO_MLLP_PORT", help="Port of the HL7 listener; default: 6000.")
    ] = None,
    pace: Annotated[float, typer.Option(min=0, help="Seconds between two messages of the simulated pharmacy.")] = 1.5,
    pharmacy: Annotated[bool, typer.Option(help="Run the simulated pharmacy and medication record.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty database.")] = False,
) -> None:
    """Run a hub with a demo site, a simulated long-term-care pharmacy, and the homes' simulated medication record, to
    which it passes on what it receives. Ctrl-C stops all of them."""
    from officina import app, config
    from officina.cli import ports
    from officina.cli.book import opened

    settings = config.load(web_port=web_port)
    if settings.database_url == config.DEFAULT_DATABASE_URL:
        settings = settings.model_copy(update={"database_url": DATABASE})
    if "log_level" not in settings.model_fields_set:  # the simulated pharmacy tells the story already
        settings = settings.model_copy(update={"log_level": "warning"})
    document, listener = _site(mllp_port)
    document, receiver = _with_receiver(document)
    ports.require_free(settings.web_host, settings.web_port, "the web port: --web-port or OFFICINA_WEB_PORT")
    ports.require_free(*listener, "the HL7 port: --mllp-port or OFFICINA_DEMO_MLLP_PORT")
    if settings.web_port == 0:
        settings = settings.model_copy(update={"web_port": ports.any_free(settings.web_host)})

    password = PASSWORD if config.is_loopback(settings.web_host) else secrets.token_urlsafe(9)
    _prepare_database(settings, fresh)
    with opened(settings) as store:
        _prepare_site(store, document, password)
    _welcome(settings, listener, password)
    with _partners(listener, receiver, pace if pharmacy else None):
        app.serve(settings)


def _site(mllp_port: int | None) -> tuple[Document, tuple[str, int]]:
    """The demo site and the address of its first listener, which `mllp_port` may move."""
    import dataclasses
    from importlib.resources import files

    from officina.actions import site
    from officina.cli import ports

    document = site.parse(files("officina.presets").joinpath("demo.toml").read_text(encoding="utf-8"))
    rows = list(document)
    index = next(i for i, row in enumerate(rows) if isinstance(row, site.ConnectorRow) and row.kind == LISTENER)
    listener = rows[index]
    assert isinstance(listener, site.ConnectorRow)
    settings = site.settings_of(listener.kind, listener.settings)
    host, port = str(settings.host), int(settings.port)  # type: ignore[attr-defined]  # every listener has them
    if mllp_port is not None:
        port = mllp_port or ports.any_free(host)
    rows[index] = dataclasses.replace(listener, settings={**listener.settings, "port": port})
    return site.Document(rows), (host, port)


def _with_receiver(document: Document) -> tuple[Document, tuple[str, int]]:
    """The site with its senders pointed at one port that is free, and that address: all of the homes' systems."""
    import dataclasses

    from officina.actions import site
    from officina.cli import ports

    senders = [row for row in document.of(site.ConnectorRow).values() if row.kind == SENDER]
    host = str(senders[0].settings["host"])
    port = ports.free(host, int(senders[0].settings["port"]))
    rows = [
        dataclasses.replace(row, settings={**row.settings, "port": port}) if row in senders else row for row in document
    ]
    return site.Document(rows), (host, port)


def _prepare_database(settings: Settings, fresh: bool) -> None:
    from officina import config
    from officina.errors import Conflict
    from officina.store import migrate

    path = config.sqlite_path(settings.database_url)
    if fresh:
        if settings.database_url != DATABASE or path is None:
            raise Conflict(
                "only the demo's own database is ever deleted", place="--fresh", remedy="unset OFFICINA_DATABASE_URL"
            )
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    config.prepare(settings)
    migrate(settings.database_url)


def _prepare_site(store: Store, document: Document, password: str) -> None:
    """The demo's site and the one person who signs in, whatever an earlier run left."""
    from officina import clock
    from officina.actions import people, site
    from officina.cli.book import ACTOR, write
    from officina.store import people as rows

    hashed = people.hash_password(password)

    def work(tx: Tx) -> None:
        at = clock.now()
        site.apply(tx, document, actor=ACTOR, at=at)
        person = rows.by_login(tx, LOGIN)
        if person is None:
            person_id = people.add_person(tx, LOGIN, "Dana Demo", hashed, actor=ACTOR, at=at)
            people.grant(tx, person_id, "administrator", actor=ACTOR, at=at)
        else:
            people.set_active(tx, person.id, True, actor=ACTOR, at=at)
            people.set_password(tx, person.id, hashed, actor=ACTOR, at=at)

    write(store, work)


def _welcome(settings: Settings, listener: tuple[str, int], password: str) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    scheme = "https" if settings.web_certificate else "http"
    lines = (
        ("Open     ", f"{scheme}://{settings.web_host}:{settings.web_port}/"),
        ("Sign in  ", f"{LOGIN} / {password}"),
        ("HL7 v2   ", f"MLLP on {listener[0]}:{listener[1]}"),
        ("Stop     ", "Ctrl-C"),
    )
    text = Text("\n").join(Text.assemble((name, "dim"), (value, "bold")) for name, value in lines)
    Console().print(Panel(text, title="Officina demo", expand=False, padding=(1, 3)))
    sys.stdout.flush()


@contextmanager
def _partners(listener: tuple[str, int], receiver: tuple[str, int], pace: float | None) -> Iterator[None]:
    """The simulated partners as a process of their own, so that the hub's figures are the hub's alone."""
    if pace is None:
        yield
        return
    command = [sys.executable, "-m", "officina.demo", "{}:{}".format(*listener), "--pace", str(pace)]
    command += ["--emar", "{}:{}".format(*receiver)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
