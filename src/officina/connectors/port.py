"""What a receiving connector hands to the hub, and nothing more: bytes, where they came from, a way to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

Reply: TypeAlias = Callable[[Sequence[bytes]], bool]
"""Gives the acknowledgements of one payload (none, one or more; unframed bytes) back to its sender.

False when the sender is gone, so that they cannot be delivered.
"""


class Origin(NamedTuple):
    """Where a message came from.

    ``connector``: its name; ``peer``: ``address:port``; ``identity``: the name in the client's certificate, "" without
    mutual TLS; ``framed``: it came in an MLLP frame; ``remarks``: stable words about its framing and matching
    (`officina.wire.mllp.Frame`).
    """

    connector: str
    peer: str
    framed: bool = True
    remarks: tuple[str, ...] = ()
    identity: str = ""


class TurnedAway(NamedTuple):
    """Why a connector does not take what it received: a stable word and plain words, without the sender's values.

    ``whole``: it is all that was sent, so a person may have it processed again. ``later``: it may be taken another
    time, and its sender is told so.
    """

    reason: str
    text: str
    whole: bool = False
    later: bool = False


class Exchanged(NamedTuple):
    """What sending one message came to.

    ``result``: accepted, rejected, error (it answered so), unsendable (no frame can hold it), unreachable (nothing was
    sent), no_answer or bad_answer (it may have arrived). ``code`` and ``accept_code``: MSA-1 of the application
    and of the commit acknowledgement; ``text``: the receiver's words, or the reason there are none; ``answer`` and
    ``accept_answer``: the two as they came.
    """

    result: Literal["accepted", "rejected", "unsendable", "error", "unreachable", "no_answer", "bad_answer"]
    code: str
    accept_code: str
    text: str
    answer: bytes
    accept_answer: bytes = b""


class Sender(Protocol):
    """Sends messages to one receiver, one at a time."""

    @property
    def address(self) -> str:
        """Whom it sends to, for people."""
        ...

    async def exchange(self, payload: bytes) -> Exchanged:
        """Sends one message and waits for its answer. Never raises for what the network or the receiver does."""
        ...

    async def test(self) -> None:
        """Tries whether the receiver can be reached. Raises Unavailable with the reason."""
        ...

    async def close(self) -> None:
        """Hangs up. It may be used again."""
        ...


class Item(NamedTuple):
    """Something in a mailbox. ``mark`` is another once it has changed; ``settled``: it was complete when it appeared,
    so there is no need to see whether it still grows.
    """

    name: str
    mark: str
    settled: bool = True


class Mailbox(Protocol):
    """A place where a partner leaves messages to be fetched. Blocks: for a thread of its own, one call at a time.

    Every call raises Unavailable with the reason, in words without the names of items, which may tell of patients.
    """

    @property
    def address(self) -> str:
        """Where it is, for people."""
        ...

    def look(self) -> list[Item]:
        """What is in it, in the order in which it is to be taken."""
        ...

    def fetch(self, item: Item) -> list[bytes]:
        """The payloads of an item; none where it has gone or is another by now."""
        ...

    def answer(self, item: Item, answers: Sequence[bytes]) -> None:
        """Leave the answers to an item for its sender, where the settings want that."""
        ...

    def finish(self, item: Item) -> None:
        """Move, mark or delete an item that is kept, so that it is not fetched again. One that has gone is no
        failure."""
        ...

    def close(self) -> None:
        """Hang up. It may be used again."""
        ...


class Intake(Protocol):
    """Takes what connectors receive."""

    def offer(self, payload: bytes, origin: Origin, reply: Reply) -> None:
        """Takes one message; called on the event loop.

        ``reply`` must be called exactly once per offer, later or at once, on the loop. Answers leave in the order of
        the offers whatever the order of the replies.
        """
        ...

    def turn_away(self, payload: bytes, origin: Origin, why: TurnedAway, reply: Reply) -> None:
        """Keeps what a connector does not take (too long, nobody's, no message), so that a person can see it.

        The payload may be only the beginning. ``reply`` is called as for `offer`: a refusal, or nothing for bytes in
        which no message can be recognised.
        """
        ...

    async def take(self, payload: bytes, origin: Origin) -> Sequence[bytes]:
        """Takes one payload; its answers, once all of it is kept.

        Raises Unavailable where it could not be kept: what was fetched stays where it is, to be fetched again.
        """
        ...
