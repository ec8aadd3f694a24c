"""`officina apply`, `diff` and `export`: the site as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from officina.cli.failure import NOT_ALL_WELL

if TYPE_CHECKING:
    from officina.actions.site import Document

File = Annotated[Path, typer.Argument(metavar="FILE", help="The site file (TOML); - reads standard input.")]
Prune = Annotated[
    bool,
    typer.Option(
        "--prune",
        help="Take out what the file does not name: places, connectors and subscriptions become inactive, "
        "code maps and unused profiles are removed.",
    ),
]


def apply(file: File, prune: Prune = False) -> None:
    """Show what a site file changes and make it so. Running hubs follow without restart."""
    from officina import clock
    from officina.actions import site
    from officina.cli.book import ACTOR, opened, write

    document = read(file)
    with opened() as store:
        changes = write(store, lambda tx: site.apply(tx, document, actor=ACTOR, at=clock.now(), prune=prune))
    _tell(str(changes), changes.summary())


def diff(file: File, prune: Prune = False) -> None:
    """Show what `apply` would change, and change nothing. Ends with 8 if there is a difference."""
    from officina.actions import site
    from officina.cli.book import opened

    document = read(file)
    with opened() as store, store.read() as tx:
        changes = site.diff(tx, document, prune=prune)
    _tell(str(changes), changes.summary())
    if changes:
        raise typer.Exit(NOT_ALL_WELL)


def export(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Where to; default: standard output.")] = None,
) -> None:
    """Write the site as a file. Applying it again changes nothing."""
    from officina.actions import site
    from officina.cli.book import opened

    with opened() as store, store.read() as tx:
        text = site.export(tx)
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")


def read(file: Path) -> Document:
    """The document of a file, or of standard input for ``-``."""
    from officina.actions import site
    from officina.errors import NotFound

    if str(file) == "-":
        return site.parse(sys.stdin.read())
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as reason:
        raise NotFound(f"cannot be read: {reason.strerror}", place=str(file)) from None
    return site.parse(text, folder=file.parent)


def _tell(lines: str, summary: str) -> None:
    if lines:
        print(lines)
    print(f"{summary}.")
