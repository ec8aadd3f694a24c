"""The list of messages as a file: what its filters ask for, as a table, as lines of JSON or as an HL7 batch."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response, StreamingResponse

from officina.actions.export import FORMS, export
from officina.errors import Forbidden, NotFound
from officina.web import places
from officina.web.messages import asked_for
from officina.web.visit import Visit


def download(visit: Visit) -> Response:
    """All of them, page by page while they are read."""
    name, rights = str(visit.request.path_params["form"]), visit.session.rights
    if name not in FORMS:
        raise NotFound("there is no such form of the list")
    wanted = asked_for(visit)
    if name == "hl7":  # it is nothing but content
        if not rights.may("messages.raw"):
            raise Forbidden("your roles do not include reading what messages say")
        wanted = replace(wanted, place_ids=places.within(visit, "messages.raw"))
    services = visit.services
    file = export(services.store, name, wanted, rights=rights, actor=visit.session.actor, clock=services.clock)
    headers = {"Content-Disposition": f'attachment; filename="messages.{name}"'}
    return StreamingResponse(file, media_type=FORMS[name]().media_type, headers=headers)
