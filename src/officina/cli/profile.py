"""`officina profile`: check a partner's dialect, see where its parts come from, and test it on samples."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from officina.cli.failure import NOT_ALL_WELL

if TYPE_CHECKING:
    from rich.console import Console

    from officina.actions.samples import Result

Given = Annotated[str, typer.Argument(metavar="PROFILE", help="A TOML file, or the name of a shipped profile.")]


def check(profile: Given) -> None:
    """Say whether a profile can be used; if not, the key, the line, the reason and the way out."""
    from officina.message.profile import load

    name, body, resolve = found(profile)
    with lines_named(body):
        load(name, body, resolve)
    print(f"{name} is a sound profile.")


def show(profile: Given) -> None:
    """Print every key of a profile as it counts, and which of the profiles it extends says so."""
    from rich.table import Table
    from rich.text import Text

    from officina.message.profile import resolved

    name, body, resolve = found(profile)
    table = Table("key", "value", "from", box=None, pad_edge=False)
    with lines_named(body):
        keys = resolved(name, body, resolve)
    for each in keys:
        shown = (each.key, _written(each.value), each.profile)
        table.add_row(*map(Text, shown), style="bold" if each.profile == name else "")
    _console().print(table)


def try_samples(
    profile: Given,
    samples: Annotated[list[Path], typer.Argument(metavar="SAMPLE", help="Messages (.hl7), or folders of them.")],
    write: Annotated[
        bool, typer.Option("--write", help="Write what is read as the expectations, then read them through.")
    ] = False,
    zone: Annotated[str, typer.Option(metavar="NAME", help="Time zone of the place the messages are for.")] = "UTC",
) -> None:
    """Read samples through a profile and compare with what is expected: `sample.toml` beside each `sample.hl7`.

    Ends with 8 if anything differs, or nothing is expected of a sample.
    """
    from officina.actions.samples import run, written
    from officina.message.profile import load

    name, body, resolve = found(profile)
    with lines_named(body):
        loaded = load(name, body, resolve)
    console, wrong = _console(), 0
    files = _samples(samples)
    for path in files:
        beside = path.with_suffix(".toml")
        raw = _bytes(path)
        if write:
            beside.write_text(written(raw, loaded, zone), encoding="utf-8")
            console.print(f"[green]✓[/] {beside} written")
            continue
        result = run(raw, loaded, zone, _text(beside) if beside.exists() else None, str(beside))
        wrong += not result.well
        _tell(console, path, result)
    if write:
        return
    console.print(f"{len(files) - wrong} of {len(files)} samples are read as expected.")
    if wrong:
        raise typer.Exit(NOT_ALL_WELL)


@contextmanager
def lines_named(body: str) -> Iterator[None]:
    """A refusal of one key names its line as well."""
    from officina.errors import Invalid
    from officina.message.lineage import line_of

    try:
        yield
    except Invalid as error:
        line = line_of(body, error.place)
        if line:
            error.place = f"{error.place} (line {line})"
        raise


def found(profile: str) -> tuple[str, str, Callable[[str], str | None]]:
    """Name and text of a profile, and how what it extends is found: beside it first, then among the shipped ones."""
    from officina.actions.site.profiles import lookup, shipped
    from officina.errors import NotFound

    path = Path(profile)
    if path.suffix == ".toml" or path.is_file():
        return path.stem, _text(path), lookup({each.stem: _text(each) for each in _siblings(path)})
    body = shipped().get(profile)
    if body is None:
        known = ", ".join(sorted(shipped()))
        raise NotFound(f"there is no profile {profile}", remedy=f"give a TOML file, or one of {known}")
    return profile, body, lookup({})


def _siblings(path: Path) -> list[Path]:
    return [each for each in sorted(path.parent.glob("*.toml")) if each != path and not _expects(each)]


def _expects(path: Path) -> bool:
    return path.with_suffix(".hl7").exists()


def _samples(paths: list[Path]) -> list[Path]:
    from officina.errors import NotFound

    files = [file for path in paths for file in (sorted(path.rglob("*.hl7")) if path.is_dir() else [path])]
    if not files:
        raise NotFound("there is no sample (.hl7)", place=str(paths[0]))
    return files


def _bytes(path: Path) -> bytes:
    from officina.errors import NotFound

    try:
        return path.read_bytes()
    except OSError as reason:
        raise NotFound(f"cannot be read: {reason.strerror}", place=str(path)) from None


def _text(path: Path) -> str:
    from officina.errors import Invalid

    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("is not UTF-8 text", place=str(path)) from None


def _tell(console: Console, path: Path, result: Result) -> None:
    from rich.markup import escape

    if result.well:
        console.print(f"[green]✓[/] {path}")
        return
    console.print(f"[red]✗[/] {path}")
    if result.differs is None:
        console.print("    nothing is expected of it: write its .toml, or let --write do it")
        return
    for name, wanted, was in result.differs:
        read = f"[red]{escape(was or '(nothing)')}[/] is read"
        console.print(f"    {escape(name)}: [green]{escape(wanted or '(nothing)')}[/] was expected, {read}")


def _written(value: object) -> str:
    """A value as TOML writes it, in one line."""
    import tomli_w

    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_written(inner)}' for key, inner in value.items())} }}"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").strip()


def _console() -> Console:
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, file=sys.stdout)
