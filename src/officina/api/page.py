"""Pages of long lists: newest first, cut by an opaque cursor, the next page named in the body and in `Link`."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from officina.errors import Invalid

ItemT = TypeVar("ItemT")
MOST = 200
_MARK = b"o1:"  # the form of the cursor, so that it can change without misreading an old one


class Page(BaseModel, Generic[ItemT]):
    """A part of a list, newest first."""

    items: list[ItemT]
    next: str | None = Field(None, description="Path of the next page with the same filters; null on the last.")


class Cut(NamedTuple):
    """Which part is asked for: at most ``limit`` items whose id is below ``before`` (None: from the newest)."""

    limit: int
    before: int | None

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


def page(request: Request, response: Response, cut: Cut, items: list[ItemT], last_id: int | None) -> Page[ItemT]:
    """The page of ``items`` (already cut to the limit); ``last_id`` is the id of the last one if more follow."""
    if last_id is None:
        return Page(items=items, next=None)
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "limit")]
    query += [("limit", str(cut.limit)), ("cursor", _sealed(last_id))]
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
