"""Kinds of values that several operations take or give."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from officina import clock

MOST_ID = 2**63 - 1

Instant = Annotated[
    str,
    Field(
        description="A moment in UTC with milliseconds.",
        examples=["2026-03-04T05:06:07.089Z"],
        json_schema_extra={"format": "date-time"},
    ),
]
IdInPath = Annotated[int, Path(ge=1, le=MOST_ID, description="The number the hub gave it.")]
IdInQuery = Annotated[int | None, Query(ge=1, le=MOST_ID, description="Only those of this one, by its id.")]
Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00-\x1f]+$")]


def _not_ancient(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.year < 1900:
        raise ValueError("nothing in the book is that old")
    return moment


def _written_out(value: object) -> object:
    """Pydantic would also read a bare number as seconds; a date that is meant is written as one."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d", value):
        raise ValueError("write it as 2026-03-04T05:06:07Z")
    return value


_MOMENT = (BeforeValidator(_written_out), AfterValidator(_not_ancient))
SinceInQuery = Annotated[
    AwareDatetime | None, Query(description="Not before this moment (ISO 8601 with a zone)."), *_MOMENT
]
UntilInQuery = Annotated[
    AwareDatetime | None, Query(description="Before this moment (ISO 8601 with a zone)."), *_MOMENT
]
AtInQuery = Annotated[
    AwareDatetime | None, Query(description="At this moment (ISO 8601 with a zone), else now."), *_MOMENT
]


def at(moment: datetime | None) -> int | None:
    """The instant of a moment that may be missing."""
    return None if moment is None else clock.instant(moment)


def iso_or_none(instant: int | None) -> str | None:
    """An instant that may be missing, as text."""
    return None if instant is None else clock.iso(instant)
