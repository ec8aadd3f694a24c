"""The outer wall of the API: bodies that are too large, mistakes of ours, and the headers every answer carries."""

from __future__ import annotations

import logging
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from officina.api import problem

_log = logging.getLogger(__name__)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
}


class Guard:
    """ASGI middleware around the whole API."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def outward(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), outward)
        except problem.TooLarge as error:
            await problem.of_error(error)(scope, receive, outward)
        except Exception as error:  # the last resort: whatever it is, its words may hold a patient's and stay here
            _log.error("API request failed: %s at %s", type(error).__name__, _where(error))
            if not started:
                await problem.internal()(scope, receive, outward)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > self._most:
            raise self._too_large()
        seen = 0

        async def inward() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._most:
                raise self._too_large()
            return message

        return inward

    def _too_large(self) -> problem.TooLarge:
        text = f"the body is larger than {self._most} bytes"
        return problem.TooLarge(text, remedy="send less, or raise the setting request_max_bytes")


def _where(error: Exception) -> str:
    """The innermost frames as file:line, without any value."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.filename.rpartition('officina/')[2]}:{frame.lineno}" for frame in reversed(frames))
