"""`officina show`: a message in named segments and fields."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def show(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Files or folders of messages; - reads standard input.")
    ],
    color: Annotated[
        bool | None, typer.Option("--color/--no-color", help="Colours; default: when writing to a terminal.")
    ] = None,
) -> None:
    """Print HL7 v2 messages with the names of their segments and fields; batches are taken apart."""
    from officina.connectors.mllp_sender.send import unpack
    from officina.errors import OfficinaError
    from officina.wire import er7
    from officina.wire import show as view

    coloured = sys.stdout.isatty() if color is None else color
    unreadable: OfficinaError | None = None
    first = True
    for name, raw in _sources(files):
        for number, one in enumerate(unpack(raw), 1):
            print("" if first else "\n", end="")
            first = False
            try:
                print(view.text(er7.parse(one), color=coloured))
            except er7.ParseError as error:
                unreadable = error
                print(f"{name}, message {number}: {error}", file=sys.stderr)
    if unreadable is not None:
        from officina.cli.failure import exit_code

        raise typer.Exit(exit_code(unreadable))


def _sources(files: list[Path]) -> list[tuple[str, bytes]]:
    from officina.errors import NotFound

    found: list[tuple[str, bytes]] = []
    for path in files:
        if str(path) == "-":
            found.append(("standard input", sys.stdin.buffer.read()))
            continue
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in inside:
            try:
                found.append((str(file), file.read_bytes()))
            except OSError as reason:
                raise NotFound(f"cannot be read: {reason.strerror}", place=str(file)) from None
    return found
