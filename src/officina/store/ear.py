"""Hearing what other processes announce after their commits: PostgreSQL's LISTEN."""

from __future__ import annotations

import psycopg

from officina.errors import Unavailable
from officina.store.postgresql import CHANNEL, connect


class Ear:
    """A connection of its own that hears. ``heard`` when its file number has something to read."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url, readonly=True)
        self._connection.execute(f"LISTEN {CHANNEL}".encode())

    def fileno(self) -> int:
        return self._connection.fileno()

    def heard(self, *, but_of: str) -> frozenset[str]:
        """The topics that changed, without what the writer of that origin announced. Raises Unavailable."""
        topics, server = set(), self._connection.pgconn
        try:
            server.consume_input()
            while (notice := server.notifies()) is not None:
                origin, _, topic = notice.extra.decode().partition(" ")
                if origin != but_of:
                    topics.add(topic)
        except psycopg.Error as error:
            raise Unavailable("the connection that hears of changes is gone", place="database") from error
        return frozenset(topics)

    def close(self) -> None:
        self._connection.close()
