"""`officina show`: a message in named segments and fields."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from officina.cli.inputs import contents


def show(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Files or folders of messages; - reads standard input.")
    ],
    color: Annotated[
        bool | None, typer.Option("--color/--no-color", help="Colours; default: when writing to a terminal.")
    ] = None,
    fallback_charset: Annotated[
        str, typer.Option(metavar="NAME", help="For messages that name no character set and are not UTF-8.")
    ] = "cp1252",
) -> None:
    """Print HL7 v2 messages with the names of their segments and fields; batches are taken apart.

    What is odd about a message or does not add up in a batch stands below it, after an exclamation mark.
    """
    from officina.connectors.mllp_sender.send import unpack
    from officina.errors import Invalid, OfficinaError
    from officina.wire import charset, er7
    from officina.wire import show as view

    if reason := charset.unfit(fallback_charset):
        raise Invalid(reason, place="--fallback-charset", remedy="write one like cp1252 or iso8859-2")
    coloured = sys.stdout.isatty() if color is None else color
    unreadable: OfficinaError | None = None
    first = True
    for name, raw in contents(files):
        file = unpack(raw)
        for number, one in enumerate(file.messages, 1):
            print("" if first else "\n", end="")
            first = False
            try:
                message = er7.parse(one, fallback=fallback_charset)
            except er7.ParseError as error:
                unreadable = error
                print(f"{name}, message {number}: {error}", file=sys.stderr)
                continue
            print(view.text(message, color=coloured))
            for remark in message.warnings:
                print(f"! {remark.path}: {remark.text}")
        for remark in file.remarks:
            print(f"! {name}: {remark.path}: {remark.text}")
    if unreadable is not None:
        from officina.cli.failure import exit_code

        raise typer.Exit(exit_code(unreadable))
