"""All addresses of the screens, on one page."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from officina.errors import Forbidden, OfficinaError
from officina.web import (
    alerts,
    connectors,
    deliveries,
    failures,
    find,
    gallery,
    live,
    message,
    message_export,
    messages,
    order,
    orders,
    rehearsal,
    settings,
    sign_in,
    site_file,
    traffic,
    worklist,
)
from officina.web.assets import Assets
from officina.web.failures import LastResort
from officina.web.frame import WORKSPACES
from officina.web.shield import Shield
from officina.web.visit import Screen, Services, Visit, screen


def build(services: Services) -> list[BaseRoute]:
    """The screens as one mount at the root; to be the last of the application's routes, as it answers every path."""
    app = Starlette(
        routes=_routes(services),
        middleware=[Middleware(Shield), Middleware(LastResort, services=services)],
        exception_handlers=dict.fromkeys((OfficinaError, HTTPException), failures.expected(services)),
    )
    return [Mount("/", app=app, name="web")]


def _routes(services: Services) -> list[BaseRoute]:
    def get(path: str, draw: Screen, permission: str = "") -> Route:
        return Route(path, screen(services, draw, permission), methods=["GET"])

    def post(path: str, draw: Screen, permission: str = "") -> Route:
        return Route(path, screen(services, draw, permission), methods=["POST"])

    return [
        Mount("/static", app=Assets(), name="static"),
        Route("/sign-in", sign_in.sign_in_page(services), methods=["GET", "POST"]),
        post("/sign-out", sign_in.sign_out),
        Route("/live", live.stream(services), methods=["GET"]),
        get("/", home),
        post("/find", find.find),
        get("/find", home),  # what was looked for is in no address, so there is nothing to find again
        get("/messages", messages.show, "messages.read"),
        get("/messages/export.{form}", message_export.download, "messages.read"),
        get("/messages/news", messages.show_news, "messages.read"),
        get("/messages/{message_id}", message.show, "messages.read"),
        get("/messages/{message_id}/news", message.show_news, "messages.read"),
        post("/messages/{message_id}/process-again", message.process_again, "messages.write"),
        get("/messages/{message_id}/bytes", message.show_bytes, "messages.raw"),
        get("/messages/{message_id}/raw", message.download, "messages.raw"),
        get("/rehearsal", rehearsal.show, "messages.raw"),
        post("/rehearsal", rehearsal.act, "messages.raw"),
        get("/worklist", worklist.show, "connectors.read"),
        post("/worklist", worklist.act, "messages.write"),
        get("/connectors", connectors.show, "connectors.read"),
        post("/connectors/{name}", connectors.act, "connectors.control"),
        post("/connectors/{name}/test", connectors.test, "connectors.control"),
        get("/traffic", traffic.show, "connectors.read"),
        get("/deliveries", deliveries.show, "connectors.read"),
        post("/deliveries", deliveries.act_on_many, "connectors.control"),
        get("/deliveries/{delivery_id}", deliveries.show_one, "connectors.read"),
        post("/deliveries/{delivery_id}", deliveries.act, "connectors.control"),
        get("/alerts", alerts.show, "alerts.read"),
        get("/alerts/bell", alerts.bell, "alerts.read"),
        post("/alerts/{alert_id}/acknowledge", alerts.acknowledge, "alerts.acknowledge"),
        get("/orders", orders.show, "orders.read"),
        get("/orders/news", orders.show_news, "orders.read"),
        get("/orders/{order_id}", order.show, "orders.read"),
        get("/orders/{order_id}/news", order.show_news, "orders.read"),
        get("/settings", settings.home, "site.read"),
        get("/settings/file", site_file.show, "site.read"),
        post("/settings/file", site_file.act, "site.write"),
        get("/settings/site.toml", site_file.download, "site.read"),
        get("/settings/history", site_file.show_history, "site.read"),
        get("/settings/history/{number}", site_file.show_version, "site.read"),
        post("/settings/history/{number}", site_file.go_back, "site.write"),
        get("/settings/{table}", settings.show, "site.read"),
        get("/settings/{table}/new", settings.show_form, "site.read"),
        get("/settings/{table}/edit", settings.show_form, "site.read"),
        post("/settings/{table}/edit", settings.save, "site.write"),
        post("/settings/{table}/retire", settings.retire, "site.write"),
        get("/components", gallery.show),
    ]


def home(visit: Visit) -> Response:
    """The first workspace the person may enter."""
    for space in WORKSPACES:
        if visit.session.rights.may(space.permission):
            return RedirectResponse(space.path, 303)
    raise Forbidden("no role has been granted to you yet", remedy="ask whoever runs this site to grant you one")
