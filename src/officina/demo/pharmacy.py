"""The running simulator: sends the story over MLLP at a readable pace and prints what the hub answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from officina.connectors.mllp_sender.client import Client, Target
from officina.demo.story import Step, Story
from officina.errors import OfficinaError
from officina.wire import er7

BURST: Final = 25
_PATIENCE: Final = 10.0
_AGAIN: Final = 0.25
_STARTING: Final = 2.0  # seconds a hub takes to start or restart, which are not worth a word


async def run(
    target: Target,
    *,
    seed: int = 1,
    pace: float = 1.5,
    burst: int = BURST,
    count: int | None = None,
    now: Callable[[], datetime] = datetime.now,
    say: Callable[[str], None] = print,
) -> None:
    """Sends ``burst`` messages at once, then one every ``pace`` seconds, for ever or until ``count`` are sent.

    A message that got no answer is sent again with the same bytes once the hub is back, as a good sender does.
    """
    story = Story(seed, now())
    client: Client | None = None
    sent = 0
    try:
        while count is None or sent < count:
            step = story.step(now())
            answer = None
            while answer is None:
                client = await _connected(client, target, say)
                answer = await _exchange(client, step, say)
            sent += 1
            say(f"{now():%H:%M:%S}  {step.facility:7} {step.kind:8} {step.title:64.64} {answer}")
            if sent >= burst and sent != count:
                await asyncio.sleep(pace)
    finally:
        if client is not None:
            await client.close()


async def _connected(client: Client | None, target: Target, say: Callable[[str], None]) -> Client:
    """The open connection, or a new one as soon as the hub listens."""
    loop = asyncio.get_running_loop()
    tell_at: float | None = loop.time() + _STARTING
    while client is None or not client.connected:
        client = Client(target, timeout=_PATIENCE)
        try:
            await client.open()
        except OfficinaError as error:
            if tell_at is not None and loop.time() >= tell_at:
                say(f"waiting for the hub at {target}: {error.text}")
                tell_at = None
            await asyncio.sleep(_AGAIN)
    return client


async def _exchange(client: Client, step: Step, say: Callable[[str], None]) -> str | None:
    try:
        answers = await client.exchange(step.raw)
    except OfficinaError as error:
        say(f"{step.control_id}: {error.text}; sending it again")
        return None
    try:
        answer = er7.parse(answers[0])
    except er7.ParseError as error:
        return f"?? {error.text}"
    reason = answer.get("ERR-8") or answer.get("MSA-3") if answer.get("MSA-1") != "AA" else ""
    return f"{answer.get('MSA-1')} {reason}".rstrip()
