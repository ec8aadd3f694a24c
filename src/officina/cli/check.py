"""`officina check`: is everything there that the hub needs? Says what is right as well as what is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from officina.cli.failure import NOT_ALL_WELL
from officina.errors import OfficinaError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from officina.actions.site import Document
    from officina.config import Settings
    from officina.connectors.mllp_listener import ListenerSettings

Verdict = Literal["ok", "note", "wrong"]


class Finding(NamedTuple):
    """One line of the report. A ``note`` deserves a look but keeps nothing from working."""

    verdict: Verdict
    subject: str
    text: str
    remedy: str = ""


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A site file to check; default: the site in the database.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="As in apply: what the file does not name goes.")] = False,
) -> None:
    """Check settings, database, site, ports and certificates. Ends with 8 if something is wrong."""
    from officina import config

    findings: list[Finding] = []
    settings = config.load()
    findings += _variables()
    database = _database(settings)
    findings.append(database)
    document, found = _site(settings, database, file, prune)
    findings += found
    findings += _ports(settings, document)
    findings += _exposed(document)
    findings += _certificates(settings, document)
    findings += _secrets(document)
    for finding in findings:
        _tell(finding)
    print(_summary(findings))
    if any(finding.verdict == "wrong" for finding in findings):
        raise typer.Exit(NOT_ALL_WELL)


def _summary(findings: list[Finding]) -> str:
    wrong, notes = (sum(finding.verdict == verdict for finding in findings) for verdict in ("wrong", "note"))
    if wrong:
        return f"{wrong} of {len(findings)} checks found something wrong."
    if notes:
        return f"All is well, with {notes} thing{'s' if notes > 1 else ''} to look at."
    return "All is well."


def _tell(finding: Finding) -> None:
    from rich.console import Console
    from rich.text import Text

    mark, style = {"ok": ("✓", "green"), "note": ("!", "yellow"), "wrong": ("✗", "red")}[finding.verdict]
    text = Text.assemble((mark, style), " ", (finding.subject, "bold"), f": {finding.text}")
    if finding.remedy:
        text.append(f"\n  → {finding.remedy}")
    Console(soft_wrap=True).print(text)


def _variables() -> Iterator[Finding]:
    from officina import config

    for name in config.unknown_variables():
        yield Finding("note", name, "is set, but is not a setting", "docs/reference/settings.md lists them all")


def _database(settings: Settings) -> Finding:
    from officina import config
    from officina.store import open_store

    path = config.sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        return Finding("wrong", "database", f"{path} does not exist", "run: officina migrate")
    try:
        with open_store(settings.database_url) as store, store.read():
            pass
    except OfficinaError as error:
        return Finding("wrong", "database", error.text, error.remedy)
    return Finding("ok", "database", "reachable, with the schema of this version")


def _site(settings: Settings, database: Finding, file: Path | None, prune: bool) -> tuple[Document, list[Finding]]:
    """The site to look at, with what is wrong in it: the file laid over the book, or the book alone."""
    from officina.actions import site
    from officina.cli.site import read

    subject = str(file) if file else "site"
    try:
        wanted = read(file) if file else site.Document()
        current = _stored_site(settings) if database.verdict == "ok" else site.Document()
        changes = site.compare(current, wanted, prune=prune and file is not None)
        site.require_sound(changes.result)
    except site.SiteInvalid as invalid:
        return site.Document(), [Finding("wrong", p.place or subject, p.text, p.remedy) for p in invalid.problems]
    counts = f"{len(changes.result.table('place'))} places, {len(changes.result.table('connector'))} connectors"
    note = f"; applying it: {changes.summary()}" if file else ""
    return changes.result, [Finding("ok", subject, f"holds together ({counts}{note})")]


def _stored_site(settings: Settings) -> Document:
    from officina.actions.site import stored_document
    from officina.store import open_store

    with open_store(settings.database_url) as store, store.read() as tx:
        return stored_document(tx)


def _ports(settings: Settings, document: Document) -> Iterator[Finding]:
    from officina.cli.ports import reason_busy

    web = (settings.web_host, settings.web_port)
    wanted = {web: "web port (web_port)"}
    for name, values in _listeners(document):
        subject = f"connector {name} (settings.port)"
        if (values.host, values.port) == web and values.port:
            yield Finding("wrong", subject, f"{values.host}:{values.port} is the web port (web_port)", "choose another")
        wanted.setdefault((values.host, values.port), subject)
    for (host, port), subject in wanted.items():
        reason = reason_busy(host, port)
        if not reason:
            yield Finding("ok", subject, f"{host}:{port} is free")
        elif " by officina " in reason:
            yield Finding("note", subject, f"{host}: {reason}", "fine if that is this hub, already running")
        else:
            yield Finding("wrong", subject, f"{host}: {reason}", "stop it, or choose another port")


def _exposed(document: Document) -> Iterator[Finding]:
    """Only TLS should leave the machine; within a closed network plain MLLP may be meant."""
    from officina.config import is_loopback

    for name, values in _listeners(document):
        if values.tls is None and not is_loopback(values.host):
            text = f"{values.host or 'every address'} is reachable from other machines, and there is no TLS"
            yield Finding("note", f"connector {name} (settings.host)", text, "set tls, unless the network is closed")


def _listeners(document: Document) -> Iterator[tuple[str, ListenerSettings]]:
    from officina.connectors.mllp_listener import ListenerSettings

    for name, values in _connector_settings(document):
        if isinstance(values, ListenerSettings):
            yield name, values


def _connector_settings(document: Document) -> Iterator[tuple[str, BaseModel]]:
    from officina.actions.site import ConnectorRow, settings_of

    for row in document.of(ConnectorRow).values():
        if row.state == "active":
            yield row.name, settings_of(row.kind, row.settings)


def _secrets(document: Document) -> Iterator[Finding]:
    """What the site leaves to the environment. The hub may have another environment than this command."""
    from officina.actions.site import NotifyRow

    named = list(_mailboxes(document))
    for row in document.of(NotifyRow).values():
        if row.state == "active":
            for key in ("password_env", "secret_env"):
                named.append((f"notify {row.name} (settings.{key})", str(row.settings.get(key, ""))))
    for subject, name in named:
        if name and not os.environ.get(name):
            text = f"the environment variable {name} is not set here"
            yield Finding("note", subject, text, "set it where the hub is started")


def _mailboxes(document: Document) -> Iterator[tuple[str, str]]:
    from officina.connectors.mailbox_poller import PollerSettings

    for name, values in _connector_settings(document):
        if isinstance(values, PollerSettings):
            yield f"connector {name} (settings.password_env)", values.password_env


def _certificates(settings: Settings, document: Document) -> Iterator[Finding]:
    from officina.certificates import SOON_DAYS, files_in, problem_of

    files = list(files_in(settings, ""))
    for name, values in _connector_settings(document):
        files += files_in(values, f"connector {name}: settings.")
    for subject, path in files:
        verdict, text = problem_of(path, SOON_DAYS)
        yield Finding(verdict, subject, f"{path} {text}", "renew it" if "expire" in text and verdict != "ok" else "")
