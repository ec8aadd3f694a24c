"""The second reader: a process that only reads messages, for when they come faster than the hub reads them itself.

It has no socket, no file and no book: pickled batches of bytes come in over a pair of sockets, readings go out. It ends
when the hub does. See docs/adr/0003-a-second-reader.md.
"""

from __future__ import annotations

import gc
import logging
import pickle
import socket
import struct
import sys
from contextlib import suppress
from typing import Literal, NamedTuple

from officina.actions.receive import Reading, Source, read, travelling
from officina.runtime import logs

log = logging.getLogger("officina.readers")

LENGTH = struct.Struct(">I")


class Work(NamedTuple):
    """A batch: connectors not sent before, and messages as (key of the connector, raw bytes, instant of receipt).

    ``forget``: of the connectors sent before none is named any more.
    """

    forget: bool
    sources: dict[int, Source]
    messages: list[tuple[int, bytes, int]]


def framed(value: object) -> bytes:
    """A value as it crosses between the two processes."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def main(descriptor: int, form: Literal["text", "json"]) -> None:
    """Read batch after batch until the hub closes its end. Logs as the hub does: without what anybody sent."""
    logs.configure(form, "warning")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    sources: dict[int, Source] = {}
    # A hub that ended meanwhile closes its end at any moment; nobody waits for these readings then.
    with suppress(BrokenPipeError), socket.socket(fileno=descriptor) as link, link.makefile("rb") as incoming:
        link.sendall(framed([]))  # it is there
        while head := incoming.read(LENGTH.size):
            work: Work = pickle.loads(incoming.read(*LENGTH.unpack(head)))
            if work.forget:
                sources.clear()
            sources.update(work.sources)
            link.sendall(_read(work.messages, sources))


def _read(messages: list[tuple[int, bytes, int]], sources: dict[int, Source]) -> bytes:
    """Their readings, framed; none if one of them cannot be read: then the hub reads each for itself."""
    try:
        readings: list[Reading] = [travelling(read(raw, sources[key], at=at)) for key, raw, at in messages]
        return framed(readings)
    except Exception:
        log.exception("A message could not be read by the second reader.")
        return framed([])


if __name__ == "__main__":
    main(int(sys.argv[1]), "json" if sys.argv[2] == "json" else "text")
