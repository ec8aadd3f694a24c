"""`officina top`: all connectors in a terminal, as the cockpit has them on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from officina.cli.top.lines import Line

WIDTH = 150  # where there is no terminal that has one


def top(
    address: Annotated[
        str, typer.Option(envvar="OFFICINA_ADDRESS", help="The hub, like https://hub:8080; default: the settings'.")
    ] = "",
    key: Annotated[
        str, typer.Option(envvar="OFFICINA_KEY", help="An API key with the scope connectors.read.", show_envvar=True)
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Print it once and end.")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between two looks.")] = 2,
) -> None:
    """Show every connector: state, queue, rate, last error, next attempt. q quits.

    Without a terminal it is printed once.
    """
    import os

    from rich.console import Console

    from officina.cli.top.lines import of_hub
    from officina.cli.top.table import drawn

    look = of_hub(address, key)
    console = Console()
    if once or not console.is_terminal:
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = WIDTH
        console.print(drawn(look()))
        return
    _watch(console, look, every)


def _watch(console: object, look: Callable[[], list[Line]], every: float) -> None:
    """Until somebody presses q. A hub that goes away meanwhile is told below what was last seen of it."""
    from rich.console import Console
    from rich.live import Live

    from officina.cli.top.keys import Keys
    from officina.cli.top.table import drawn
    from officina.errors import OfficinaError

    assert isinstance(console, Console)
    lines = look()  # the first look fails as a command does
    with Keys() as keys, Live(drawn(lines), console=console, screen=True, auto_refresh=False) as live:
        while not keys.quit_within(every):
            trouble = ""
            try:
                lines = look()
            except OfficinaError as error:
                trouble = f"{error.text}; trying again"
            live.update(drawn(lines, trouble), refresh=True)
