"""What a message says, with the standard's names: segments, fields, components. Patient data, so it is audited."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from officina.api.content import read_content
from officina.api.fields import IdInPath
from officina.api.identity import Caller, needs
from officina.api.problem import Problem
from officina.api.services import Hub
from officina.errors import Conflict
from officina.wire import er7, show
from officina.wire.delimiters import ParseError

router = APIRouter(prefix="/messages", tags=["messages"])


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SubcomponentView(_View):
    """A subcomponent that is not empty."""

    path: str
    title: str
    text: str


class ComponentView(_View):
    """A component that is not empty."""

    path: str
    title: str = Field(description="The standard's name; empty where it has none.")
    text: str = Field(description="Unescaped where there is nothing below, else its source.")
    subcomponents: list[SubcomponentView]


class FieldView(_View):
    """One repetition of a field that is not empty."""

    path: str = Field(description="`PID-3`, `PID-3[2]`.")
    title: str = Field(description="The standard's name; empty where it has none.")
    text: str = Field(description="Unescaped where there is nothing below, else its source. Long values are cut.")
    null: bool = Field(description='Whether it is the HL7 null `""`, which clears the value.')
    components: list[ComponentView]


class SegmentView(_View):
    """A segment with its fields."""

    name: str
    path: str = Field(description="`PID`, and `OBX[2]` where there are several.")
    title: str = Field(description="The standard's name; empty where it has none.")
    fields: list[FieldView]


class Tree(BaseModel):
    """A message as a person reads it."""

    segments: list[SegmentView]


@router.get(
    "/{message_id:int}/tree",
    summary="Get a message as named segments and fields",
    responses={409: {"model": Problem}, 410: {"description": "They are no longer kept."}},
)
async def get_tree(message_id: IdInPath, hub: Hub, caller: Caller = needs("messages.raw")) -> Tree:
    """Empty fields are left out. 409 for a message that cannot be read. Written to the audit."""
    row, body = await read_content(hub, message_id, caller)

    def grown() -> Tree:
        views = show.tree(er7.parse(body.raw, fallback=row.encoding or "cp1252"))
        return Tree(segments=[SegmentView.model_validate(view) for view in views])

    try:
        return await anyio.to_thread.run_sync(grown)
    except ParseError as error:
        raise Conflict(error.text, remedy="look at its bytes: `raw`", code="unreadable") from None
