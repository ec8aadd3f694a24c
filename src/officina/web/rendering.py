"""Templates to text: the one renderer, with the filters every template may use."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from officina.clock import moment
from officina.web import assets, labels, moments, raw, tall_man

_TEMPLATES = Path(__file__).parent / "templates"
# The instant and the time zone a page is rendered for: macros do not see their caller's values.
_reader: ContextVar[tuple[int, ZoneInfo]] = ContextVar("reader")


@cache
def templates() -> Environment:
    """The environment all screens are rendered in; a name a template misses is an error, never a blank."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        asset=assets.address,
        label=labels.label,
        statuses=labels.STATUSES,
        identifier_types=labels.IDENTIFIER_TYPES,
        address=address,
        zone=_zone,
    )
    made.filters.update(
        pair=lambda word: (word, word),
        visible=raw.visible,
        moment=_moment,
        birth=_birth,
        spoken=labels.spoken,
        reason=labels.reason,
        tall=tall_man.mark,
        thousands=thousands,
        rate=rate,
        size=size,
    )
    return made


def render(name: str, values: Mapping[str, object], *, now: int, zone: ZoneInfo) -> str:
    """The text of a template, with times as they are at ``now`` in ``zone``."""
    token = _reader.set((now, zone))
    try:
        return templates().get_template(name).render(values)
    finally:
        _reader.reset(token)


def address(path: str, query: Mapping[str, object] | None = None, **changes: object) -> str:
    """A path with a query: ``query`` with ``changes`` made, values that are empty left out."""
    merged = {**(query or {}), **changes}
    kept = {name: value for name, value in merged.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


def rate(number: float) -> str:
    """How much in a minute: exact where it is little."""
    return f"{number:.1f}" if 0 < number < 10 else f"{number:,.0f}"


def thousands(number: int) -> str:
    """``12345`` as ``12,345``."""
    return f"{number:,}"


def size(count: int) -> str:
    """A number of bytes: exact while small, else kB or MB."""
    if count < 10_000:
        return f"{count:,} bytes"
    return f"{count / 1000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def _moment(at: int) -> moments.Shown:
    return moments.show(at, *_reader.get())


def _zone() -> str:
    """The zone the reader's times are in now."""
    now, zone = _reader.get()
    return moments.zone_name(moment(now).astimezone(zone))


def _birth(born_on: str) -> str:
    return moments.birth(born_on, *_reader.get())
