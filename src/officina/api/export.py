"""Messages taken away as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from officina.actions.export import FORMS, export
from officina.api.identity import Caller, needs
from officina.api.messages import AskedMessages
from officina.api.services import Hub
from officina.errors import Forbidden

router = APIRouter(prefix="/messages", tags=["messages"])

_TEXT = {"schema": {"type": "string"}}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"application/x-ndjson": _TEXT, "text/csv": _TEXT, "application/hl7-v2": _BINARY},
    }
}


@router.get("/export", summary="Export messages as a file", response_class=StreamingResponse, responses=_FILES)
async def export_messages(
    hub: Hub,
    asked: AskedMessages,
    format: Annotated[
        Literal["ndjson", "csv", "hl7"],
        Query(
            description="`ndjson`: an object for each message, with its content (`raw`, or `raw_base64` where it is not"
            " UTF-8) where the caller may read it; `csv`: the same without content; `hl7`: a batch (BHS, the messages"
            " as they came, BTS) that can be sent again."
        ),
    ] = "ndjson",
    caller: Caller = needs("messages.read"),
) -> StreamingResponse:
    """Everything the filters find, however much, as it is read; `csv` the newest first, the others the oldest first.
    Each hundred messages are written to the audit before they leave."""
    permission = "messages.raw" if format == "hl7" else "messages.read"
    if not caller.rights.may(permission):
        raise Forbidden(f"this needs the permission {permission}")
    wanted = replace(asked, place_ids=caller.rights.places(permission))
    file = export(hub.store, format, wanted, rights=caller.rights, actor=caller.actor, clock=hub.clock)
    headers = {"Content-Disposition": f'attachment; filename="messages.{format}"'}
    return StreamingResponse(file, media_type=FORMS[format]().media_type, headers=headers)
