"""A profile against a sample message: what is read, and what was expected to be. Touches no book."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import tomli_w

from officina.actions.receive import Reading, Source, read, stated
from officina.actions.samples_sent import Sent
from officina.errors import Invalid
from officina.message.profile import Profile
from officina.message.route import Routed
from officina.wire import batch

_NO_PLACE = frozenset(("place",))  # a sample has no site, so any facility code will do


class Result(NamedTuple):
    """``differs`` are (name, expected, read); None where nothing was expected of the sample."""

    differs: list[tuple[str, str, str]] | None

    @property
    def well(self) -> bool:
        return self.differs == []


class _AnyPlace(dict[str, Routed]):
    """Every facility code is known, and all of them are in one time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._routed = Routed(0, 0, zone)

    def get(self, key: str, default: object = None) -> Routed:
        return self._routed


def run(raw: bytes, profile: Profile, zone: str, expected: str | None, place: str) -> Result:
    """Compare what is read with the TOML of the expectations, ``place`` the name of its file. Names that are not
    expected may be anything; an expected "" must not be read. Raises `Invalid`.
    """
    wanted = _expected(expected, place) if expected is not None else None
    reading = _read(raw, profile, str(wanted.pop("zone", zone)) if wanted is not None else zone)
    if wanted is None:
        return Result(None)
    texts = _texts(reading)
    if any(name.startswith("sent[") for name in wanted):
        sent = Sent(reading.assembled, reading.facility_code, profile, reading.routed.zone if reading.routed else UTC)
        texts |= {name: sent.text(name) for name in wanted if name.startswith("sent[")}
    return Result([(name, text, texts.get(name, "")) for name, text in wanted.items() if texts.get(name, "") != text])


def written(raw: bytes, profile: Profile, zone: str) -> str:
    """The TOML of what is read, for a person to read through and keep as the expectations."""
    texts = _texts(_read(raw, profile, zone))
    head = f"{tomli_w.dumps({'zone': zone})}\n" if zone != "UTC" else ""
    lines = [f"{name} = {tomli_w.dumps({'x': text}).removeprefix('x = ')}" for name, text in texts.items()]
    return f"{head}[expect]\n{''.join(lines)}"


def _read(raw: bytes, profile: Profile, zone: str) -> Reading:
    if zone not in available_timezones():
        raise Invalid(f"there is no time zone {zone}", place="zone", remedy="write one like Europe/London")
    messages = batch.split(raw).messages
    if len(messages) != 1:
        raise Invalid(f"the sample holds {len(messages)} messages", remedy="keep each in a file of its own")
    source = Source(0, "sample", profile, _AnyPlace(ZoneInfo(zone)))
    return read(messages[0], source, at=0)


def _texts(reading: Reading) -> dict[str, str]:
    """Everything a message is read as, by name."""
    found = stated(reading).flat()
    return {name: text for name, text in found.items() if name not in _NO_PLACE}


def _expected(text: str, place: str) -> dict[str, str]:
    try:
        body = tomllib.loads(_quoted(text))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"is not TOML: {error}", place=place, remedy="correct the line named") from error
    unknown = [key for key in body if key not in ("expect", "zone")]
    if unknown or not isinstance(body.get("expect"), dict):
        close = difflib.get_close_matches(unknown[0] if unknown else "", ["expect", "zone"], n=1)
        remedy = f"did you mean {close[0]}?" if close else "write what is expected below [expect]"
        raise Invalid(f"has {', '.join(unknown) or 'no [expect]'}", place=place, remedy=remedy)
    zone = {"zone": str(body["zone"])} if "zone" in body else {}
    return {**zone, **dict(_flat("", body["expect"], place))}


def _quoted(text: str) -> str:
    """``order[1].drug_code = …`` is easier to write than with the quotes TOML wants around it."""
    lines = []
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        bare = equals and "[" in key and not key.lstrip().startswith(("[", '"', "'", "#"))
        lines.append(f'"{key.strip()}" ={value}' if bare else line)
    return "\n".join(lines)


def _flat(prefix: str, value: Mapping[str, object], place: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, Mapping):
            yield from _flat(f"{name}.", inner, place)
        elif isinstance(inner, str):
            yield name, inner
        else:
            raise Invalid("must be a text", place=f"{place}: {name}", remedy="put it in quotes")
