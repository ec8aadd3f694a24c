"""Live signals to the browser: the names of what changed, nothing else; the page fetches what it may see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from officina.actions import people
from officina.web.visit import Endpoint, Services, token_of

TOPICS = frozenset({"messages", "orders", "connectors", "deliveries", "alerts", "site", "people"})
# A comment that often keeps proxies from closing a silent stream, and is when the session is looked at again.
BEAT_SECONDS = 20.0


def stream(services: Services) -> Endpoint:
    """The endpoint of `/live`: ``data: messages`` whenever messages changed."""

    async def endpoint(request: Request) -> Response:
        if not await _signed_in(services, request):
            return Response(status_code=204)  # tells EventSource not to come back
        return StreamingResponse(
            _frames(services, request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    return endpoint


async def _frames(services: Services, request: Request) -> AsyncIterator[str]:
    yield "retry: 2000\n: here\n\n"
    async with services.bus.subscribe() as watch:
        topics = aiter(watch)
        upcoming = asyncio.ensure_future(anext(topics, None))
        try:
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=BEAT_SECONDS)
                if not done:
                    if not await _signed_in(services, request):
                        return
                    yield ": here\n\n"
                    continue
                topic = upcoming.result()
                if topic is None:
                    return
                if topic in TOPICS:
                    yield f"data: {topic}\n\n"
                upcoming = asyncio.ensure_future(anext(topics, None))
        finally:
            upcoming.cancel()


async def _signed_in(services: Services, request: Request) -> bool:
    limits = people.SignInLimits.of(services.settings)

    def look() -> bool:
        with services.store.read() as tx:
            return people.session_of(tx, token_of(request), at=services.clock(), limits=limits) is not None

    return await anyio.to_thread.run_sync(look)
