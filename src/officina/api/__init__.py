"""For partners' programs: REST under /api/v1, described by OpenAPI, with every refusal as problem+json."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

import officina
from officina.api import (
    alerts,
    connectors,
    content,
    deliveries,
    events,
    export,
    medications,
    messages,
    metrics,
    orders,
    patients,
    places,
    problem,
    profiles,
    reference,
    reviews,
    site,
    submission,
    traffic,
    tree,
    worklist,
)
from officina.api.contract import PREFIX, Api, operation_id
from officina.api.guard import Guard
from officina.api.health import routes as health_routes
from officina.api.services import Services

__all__ = ["PREFIX", "build", "health_routes", "routes"]

_ROOT = "/api"

_ABOUT = """\
Read what came and went, and submit messages. Authenticate with an API key (`Authorization: Bearer ofc_…`); a person who
is signed in may use their session.

Lists are newest first and come in pages: follow `next`, or the `Link` header, until it is null. What lies outside the
places a caller may see is answered as if it were not there (404). Times are UTC. Patient data never stands in a URL, so
patients are searched by POST. `HEAD` is answered as `GET` is, without the body.

Reading a patient's data writes a line to the audit before the data is handed out. Every refusal is problem+json
(RFC 9457) with a stable `code`.
"""

_NOUNS = (
    messages,
    export,
    content,
    tree,
    submission,
    orders,
    patients,
    medications,
    places,
    reviews,
    connectors,
    deliveries,
    alerts,
    events,
    worklist,
    site,
    profiles,
    metrics,
    traffic,
)


def routes(services: Services) -> list[BaseRoute]:
    """The API at `PREFIX`, and a problem for whatever else begins with /api; `health_routes` go beside them."""
    nothing = Guard(problem.Nothing(PREFIX), most_bytes=services.settings.request_max_bytes)
    return [Mount(PREFIX, app=build(services), name="api"), Mount(_ROOT, app=nothing), Route(_ROOT, endpoint=nothing)]


def build(services: Services) -> Api:
    """The API, to be mounted at `PREFIX`."""
    api = Api(
        title="Officina API",
        version=officina.__version__,
        description=_ABOUT,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
    )
    api.state.services = services
    for noun in _NOUNS:
        api.include_router(noun.router)
    problem.install(api)
    api.add_middleware(Guard, most_bytes=services.settings.request_max_bytes)
    _add_reference(api)
    return api


def _add_reference(api: Api) -> None:
    page: list[tuple[str, str]] = []  # written when first asked for, then kept

    async def show_reference(request: Request) -> Response:
        if not page:
            page.append(reference.page(api.openapi()))
        html, policy = page[0]
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    api.add_route("/reference", show_reference, include_in_schema=False)
