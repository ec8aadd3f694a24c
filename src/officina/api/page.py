"""Pages of long lists: newest first, cut by an opaque cursor, the next page named in the body and in `Link`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from officina.errors import Invalid


class _Row(Protocol):
    @property
    def id(self) -> int: ...


ItemT = TypeVar("ItemT")
RowT = TypeVar("RowT", bound=_Row)
MOST = 200
_MARK = b"o1:"  # the form of the cursor, so that it can change without misreading an old one


class Page(BaseModel, Generic[ItemT]):
    """A part of a list."""

    model_config = ConfigDict(json_schema_extra={"description": "A part of a list."})

    items: list[ItemT]
    next: str | None = Field(default=None, description="Path of the next page with the same filters; null on the last.")


class Cut(NamedTuple):
    """Which part is asked for: at most ``limit`` items whose id is below ``before`` (None: from the newest)."""

    limit: int
    before: int | None  # an id

    @property
    def fetch(self) -> int:
        """How many to ask the store for: one more tells whether there is a next page."""
        return self.limit + 1


def _cut(
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most items on a page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(max_length=64, pattern="^[A-Za-z0-9_-]+$", description="From `next` of the page before; opaque."),
    ] = None,
) -> Cut:
    return Cut(limit, None if cursor is None else _opened(cursor))


AskedCut = Annotated[Cut, Depends(_cut)]


LINKED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Link": {"description": 'The next page: `<PATH>; rel="next"`.', "schema": {"type": "string"}}}}
}


def page(
    request: Request, response: Response, cut: Cut, rows: Sequence[RowT], show: Callable[[RowT], ItemT]
) -> Page[ItemT]:
    """The page of what the store gave for ``cut.fetch``, each row shown by ``show``."""
    shown = rows[: cut.limit]
    last = shown[-1].id if len(rows) > cut.limit else None
    return linked(request, response, cut, [show(row) for row in shown], last)


def linked(request: Request, response: Response, cut: Cut, items: list[ItemT], last: int | None) -> Page[ItemT]:
    """The page of these items; the next one begins behind the row with the id ``last``, None: there is none."""
    if last is None:
        return Page(items=items, next=None)
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "limit")]
    query += [("limit", str(cut.limit)), ("cursor", _sealed(last))]
    # Relative to the host: whatever name or proxy the caller came by, and nothing a Host header could forge.
    link = f"{request.scope['path']}?{urlencode(query)}"
    response.headers["Link"] = f'<{link}>; rel="next"'
    return Page(items=items, next=link)


def _sealed(before: int) -> str:
    return base64.urlsafe_b64encode(_MARK + str(before).encode()).rstrip(b"=").decode()


def _opened(cursor: str) -> int:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if not plain.startswith(_MARK):
            raise ValueError
        before = int(plain.removeprefix(_MARK))
    except (ValueError, binascii.Error):
        before = 0
    if not 0 < before < 2**63:
        raise Invalid("this cursor is not from a page of this list", place="cursor", code="cursor_unknown")
    return before
