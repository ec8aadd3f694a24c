"""For probes: does the process live, and can it take work? Open to anyone, so it names no partner and no place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from officina.api import problem
from officina.api.services import Services, reading, writing
from officina.store import people

PATIENCE = 2.0  # seconds a part may take to answer


def routes(services: Services) -> list[Route]:
    """``/healthz`` and ``/readyz``, to stand at the root of the web port."""

    async def alive(request: Request) -> Response:
        return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})

    async def ready(request: Request) -> Response:
        wrong = [text for text in await asyncio.gather(*(_of(check, services) for check in _CHECKS)) if text]
        if wrong:
            faults = [problem.Fault(detail=text) for text in wrong]
            return problem.respond(503, "not_ready", "The hub cannot take work now.", errors=faults)
        return Response(json.dumps({"status": "ready", **_share(services)}), headers=_PLAIN)

    return [Route("/healthz", alive), Route("/readyz", ready)]


_PLAIN = {"Cache-Control": "no-store", "Content-Type": "application/json"}


def _share(services: Services) -> dict[str, int | bool]:
    """What this hub does, where several share the book."""
    leases = services.leases
    if leases is None or len(leases.hubs()) < 2:
        return {}
    return {"hubs": len(leases.hubs()), "sends_for": leases.sends_for(), "keeps_house": leases.keeps_house()}


async def _of(check: Callable[[Services], Awaitable[str]], services: Services) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check(services)
    except Exception as error:  # whatever it is, the part does not work; its words are for the log of that part
        return f"{check.__name__.lstrip('_')}: {type(error).__name__}"


async def _database(services: Services) -> str:
    await reading(services, lambda tx: people.by_id(tx, 0))
    return ""


async def _writer(services: Services) -> str:
    await writing(services, lambda tx: None)
    return ""


async def _connectors(services: Services) -> str:
    if services.supervisor is None:
        return ""
    down = sum(1 for running in services.supervisor.states().values() if running.state == "failed")
    return f"connectors: {down} not running" if down else ""


_CHECKS = (_database, _writer, _connectors)
