"""The tree of commands, in one place. Each command is a function in a module of its own name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from officina.cli import book, check, demo, keys, people, profile, prune, send, serve, show, site, top

app = typer.Typer(
    name="officina",
    help="Officina, the open pharmacy integration hub.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user = typer.Typer(help="People who sign in.", no_args_is_help=True)
profiles = typer.Typer(help="Profiles: what a partner's messages mean.", no_args_is_help=True)
key = typer.Typer(help="API keys of partners.", no_args_is_help=True)


def _version(asked: bool) -> None:
    if asked:
        from officina import __version__

        print(f"officina {__version__}")
        raise typer.Exit


@app.callback()
def _before_every_command(
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings file; default: $OFFICINA_CONFIG, else officina.toml.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    if config is not None:
        os.environ["OFFICINA_CONFIG"] = str(config)


app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("send")(send.send)
app.command("show")(show.show)
app.command("top")(top.top)
app.command("check")(check.check)
app.command("apply")(site.apply)
app.command("diff")(site.diff)
app.command("export")(site.export)
app.command("migrate")(book.migrate)
app.command("prune")(prune.prune)
app.add_typer(user, name="user")
user.command("add")(people.add)
user.command("password")(people.password)
app.add_typer(key, name="key")
key.command("create")(keys.create)
key.command("list")(keys.list_keys)
key.command("revoke")(keys.revoke)
app.add_typer(profiles, name="profile")
profiles.command("check")(profile.check)
profiles.command("show")(profile.show)
profiles.command("test")(profile.try_samples)
