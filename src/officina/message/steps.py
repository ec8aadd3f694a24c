"""Transforms with a parameter, as a profile writes them: a table of one kind."""

from __future__ import annotations

from collections.abc import Mapping

from officina.errors import Invalid
from officina.message.checking import Toml
from officina.message.transforms import Transform, code_map, part, split, strip


def with_parameter(step: Toml, place: str, maps: Mapping[str, Mapping[str, str]]) -> Transform:
    """The transform of such a table; ``maps`` are the profile's own. Raises Invalid at ``place``."""
    match dict(step):
        case {"map": str(name), **rest} if not rest:
            if name not in maps:
                raise Invalid(f"there is no [maps.{name}]", place=place, remedy="add the map")
            return code_map(maps[name])
        case {"part": int(nth), "on": str(on), **rest} if not rest and nth >= 1 and on:
            return part(nth, on)
        case {"split": str(on), **rest} if not rest and on:
            return split(on)
        case {"strip": str(marks), **rest} if not rest and marks:
            return strip(marks)
    raise Invalid(
        f"{dict(step)} is no transform",
        place=place,
        remedy='write {map = "…"}, {part = 2, on = "/"}, {split = ","} or {strip = "-"}',
    )
