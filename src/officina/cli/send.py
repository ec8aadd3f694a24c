"""`officina send`: an MLLP client for trying a listener, with every acknowledgement shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from officina.cli.failure import NOT_ALL_WELL
from officina.cli.inputs import contents

if TYPE_CHECKING:
    import ssl

    from officina.connectors.mllp_sender.send import Result


def send(
    target: Annotated[str, typer.Argument(metavar="HOST:PORT", help="The listener.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files or folders; - reads standard input.")],
    rate: Annotated[float, typer.Option(min=0, help="Messages per second over all connections; 0: no limit.")] = 0,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Connections side by side.")] = 1,
    repeat: Annotated[int, typer.Option(min=1, help="Send everything so many times.")] = 1,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")] = 30,
    tls: Annotated[
        bool, typer.Option("--tls", help="Use TLS; the system's certificate authorities are trusted.")
    ] = False,
    ca: Annotated[Path | None, typer.Option(help="Trust these authorities (PEM) instead; implies --tls.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Our certificate (PEM), for mutual TLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="The private key (PEM) of --certificate.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what was not accepted, and the sum.")] = False,
) -> None:
    """Send messages over MLLP and print each acknowledgement. Batches are taken apart.

    Each is waited for as its MSH-15 and MSH-16 ask. Ends with 8 if anything was not accepted.
    """
    import asyncio

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from officina.connectors.mllp_sender.client import Target
    from officina.connectors.mllp_sender.send import send as send_all

    messages = _messages(files) * repeat
    host, port = _address(target)
    context = _context(ca, certificate, key) if tls or ca or certificate else None
    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
        redirect_stdout=sys.stdout.isatty(),  # lines above the bar on a screen; untouched in a pipe
    )
    unasked = 0
    with progress:
        bar = progress.add_task("", total=len(messages))

        def tell(result: Result) -> None:
            nonlocal unasked
            unasked += result.unasked
            progress.advance(bar)
            if not quiet or not (result.accepted or result.unasked):
                print(line(result))

        accepted = asyncio.run(
            send_all(
                messages,
                Target(host, port, context),
                connections=connections,
                rate=rate,
                on_result=tell,
                timeout=timeout,
            )
        )
    silent = f", {unasked} without an answer, as asked" if unasked else ""
    print(f"{accepted} of {len(messages)} accepted{silent}.")
    if accepted + unasked < len(messages):
        raise typer.Exit(NOT_ALL_WELL)


def line(result: Result) -> str:
    """One acknowledgement: ``AA  MSG00001  2.1 ms`` and the receiver's words."""
    words = f"  {result.text}" if result.text else ""
    return f"{result.code or '--':2}  {result.control_id or '(no control id)'}  {result.seconds * 1000:.1f} ms{words}"


def _messages(paths: list[Path]) -> list[bytes]:
    from officina.connectors.mllp_sender.send import unpack
    from officina.errors import Invalid

    found: list[bytes] = []
    for name, raw in contents(paths):
        messages = unpack(raw).messages
        if not any(each.strip() for each in messages):  # an empty frame is answered by nobody
            raise Invalid("is empty", place=name, remedy="leave it out")
        found += messages
    if not found:
        raise Invalid("there is nothing to send", place=str(paths[0]))
    return found


def _address(text: str) -> tuple[str, int]:
    from officina.errors import Invalid

    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Invalid(f"{text} is not an address", place="HOST:PORT", remedy="write it like 127.0.0.1:6000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _context(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    import ssl

    from officina.errors import Invalid

    try:
        context = ssl.create_default_context(cafile=ca)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except OSError as reason:  # ssl.SSLError is one
        raise Invalid(f"the certificate files cannot be used: {reason}", place="--ca, --certificate, --key") from None
    return context
