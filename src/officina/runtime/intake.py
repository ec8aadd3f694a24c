"""The way in: payloads off connectors, through the receive action, and the answers back to whoever sent them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from officina.actions.receive import (
    NOTHING,
    SAYS_NOTHING,
    Candidate,
    Kept,
    Reading,
    Receive,
    Rehearsal,
    Released,
    Results,
    Source,
    process_again,
    read,
    read_envelope,
    read_turned_away,
    release,
    try_out,
)
from officina.actions.site import Site
from officina.clock import moment
from officina.connectors.mailbox_poller import PollerSettings
from officina.connectors.mllp_listener import ListenerSettings
from officina.connectors.port import Origin, Reply, TurnedAway
from officina.errors import Conflict, Gone, Invalid, NotFound, Unavailable
from officina.message.finding import Finding
from officina.runtime import logs, rehearsal
from officina.runtime.bindings import claimant
from officina.runtime.readers import Job, Readers
from officina.store import Store, intake, messages, worklist
from officina.store.messages import MessageFilter
from officina.store.rows import MessageRow
from officina.store.worklist import Cause
from officina.wire import batch
from officina.wire.acknowledge import Header, acknowledge

log = logging.getLogger("officina.intake")

PAGE = 200  # messages released in one transaction
MOST_RELEASED = 10_000  # at a time, so that whoever asked sees an answer

# Words for what was noticed on the way in, before there was a message to read.
_REMARKS = {
    "unframed": "it came without an MLLP frame",
    "segment_end_missing": "its file ends within a segment, and did not grow any more",
}
_BLANK = b" \t\r\n\x0b\x0c\x1c"
_REFUSED = ("unreadable", "rejected", "failed", "parked")


class Outcome(NamedTuple):
    """What became of a submitted message."""

    message_id: int
    state: str
    answers: tuple[bytes, ...]


class _Offer:
    """One payload on its way: how many of its messages are unanswered, their answers, whom to tell."""

    __slots__ = ("answers", "count", "kept", "left", "reply")

    def __init__(self, reply: Reply, count: int) -> None:
        self.reply = reply
        self.count = self.left = count
        self.answers: list[bytes] = []
        self.kept: list[Kept] = []


class Intake:
    """Implements `officina.connectors.port.Intake`; ``site`` gives the site in force, ``count`` is told each message's
    connector and state.
    """

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        clock: Callable[[], int],
        count: Callable[[str, str], None] = lambda connector, state: None,
    ) -> None:
        self._store = store
        self._count = count
        self._site = site
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive = Receive(lambda: self._site().subscriptions, self._settled)
        self._unanswered = 0  # messages, and what stands around those of a batch
        self._readers = Readers(self._enqueue, self._unread, lambda: self._unanswered)
        self._sources: dict[str, Source] = {}
        self._sources_of: Site | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answers are handed back on this loop."""
        self._loop = loop

    async def close(self) -> None:
        """To be called when nothing is offered any more."""
        await self._readers.close()

    def offer(self, payload: bytes, origin: Origin, reply: Reply) -> None:
        """Take one payload, which may hold several messages; ``reply`` gets the answers to all of them at once."""
        parts = batch.split(payload)
        self._take(payload, parts, self._source(origin.connector), _remarks(origin, parts.remarks), reply)

    def turn_away(self, payload: bytes, origin: Origin, why: TurnedAway, reply: Reply) -> None:
        """Keep what a connector does not take."""
        parts = batch.split(payload) if why.whole else batch.Batch([payload], [], [], [])
        self._take(payload, parts, self._source(origin.connector), _remarks(origin, parts.remarks), reply, why)

    async def take(self, payload: bytes, origin: Origin) -> tuple[bytes, ...]:
        """Take one payload; its answers, after the commit. Raises Unavailable where not all of it could be kept."""
        parts = batch.split(payload)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def answered(answers: Sequence[bytes]) -> bool:
            if not done.cancelled():
                done.set_result(None)
            return True  # nobody waits for the answers to what was fetched

        remarks = _remarks(origin, parts.remarks)
        offer = self._take(payload, parts, self._source(origin.connector), remarks, answered)
        if offer.count:
            await done
        if len(offer.kept) < offer.count:
            raise Unavailable("a message could not be stored now")
        return tuple(offer.answers)

    async def submit(self, payload: bytes, connector: str) -> Outcome:
        """Take one message in as if the connector had received it; returns after the commit.

        Raises Invalid (not exactly one message: nothing is taken), NotFound (no such connector), Unavailable (it is
        suspended, or the book cannot take it now).
        """
        source = self._open_source(connector)
        parts = batch.split(payload)
        if len(parts.messages) != 1:
            raise _not_one(len(parts.messages))
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def answered(answers: Sequence[bytes]) -> bool:
            if done.cancelled():  # whoever submitted it has gone
                return False
            done.set_result(None)
            return True

        offer = self._take(payload, parts, source, _findings(parts.remarks), answered)
        await done
        kept = next((each for each in offer.kept if each.reason != "batch_envelope"), None)
        if kept is None:
            raise Unavailable("the message could not be stored now", remedy="send it again")
        return Outcome(kept.message_id, kept.state, tuple(kept.answers))

    def process_again(self, message_id: int, actor: str) -> Kept:
        """Have a stored message go through once more, as its connector reads it now. Blocks until the commit.

        Raises NotFound, Gone (what it said is no longer kept), Conflict (its effect stands), Unavailable.
        """
        with self._store.read() as tx:
            row, body = messages.get(tx, message_id), messages.body(tx, message_id)
        if row is None:
            raise NotFound("there is no such message", place="message_id")
        if body is None:
            raise Gone(SAYS_NOTHING, place="message_id", remedy="have its sender send it again")
        site = self._site()
        names = [each.name for each in site.connectors.values() if each.id == row.connector_id]
        if not names:
            raise Conflict("its connector is gone, so nobody knows how to read it", place="message_id")
        name = claimant(site, names[0], body.raw) if row.reason == "no_match" else names[0]
        reading = read(body.raw, source_of(site, name), at=self._clock())
        subscriptions = site.subscriptions
        done = self._store.writer.submit(lambda tx: process_again(tx, message_id, reading, subscriptions, actor=actor))
        return done.result()

    def release(self, cause: Cause, actor: str, *, most: int = MOST_RELEASED, trial: bool = False) -> Released:
        """Have the messages of one cause take effect as their connector reads them now, in the order they came.

        ``trial``: only say what that would come to, for the first page of them. Blocks; raises NotFound, Conflict (the
        connector is gone), Unavailable.
        """
        site = self._site()
        names = [each.name for each in site.connectors.values() if each.id == cause.connector_id]
        if not names:
            raise Conflict("their connector is gone, so nobody knows how to read them", place="connector_id")
        source, work = source_of(site, names[0]), try_out if trial else release
        total, after, left = NOTHING, 0, PAGE if trial else most
        while left > 0:
            rows, waiting = self._waiting(cause, source, after, min(left, PAGE))
            if not rows:
                break
            after, left = rows[-1].id, left - len(rows)
            run = partial(work, waiting=waiting, subscriptions=site.subscriptions, actor=actor)
            total = total.with_more(self._store.writer.submit(run).result(), missing=len(rows) - len(waiting))
        return total

    def rehearse(
        self, wanted: MessageFilter, connector: str, on_trial: Candidate, *, most: int, oldest: bool = False
    ) -> Rehearsal:
        """Read messages of a connector as it reads now and through another profile; nothing is changed. Blocks.

        Raises NotFound (no such connector), Invalid (the profile or a code cannot be used).
        """
        site = self._site()
        now = source_of(site, connector)
        then = rehearsal.candidate_source(self._store, site, now, on_trial)
        rows = self.to_rehearse(wanted, connector, most=most, oldest=oldest)
        return rehearsal.rehearse(self._store, site, now, then, rows, rehearsal.Steps(len(rows)))

    def to_rehearse(
        self, wanted: MessageFilter, connector: str, *, most: int, oldest: bool = False
    ) -> list[MessageRow]:
        """The messages of the connector a trial would be on, in the order they came."""
        wanted = replace(wanted, connector_id=source_of(self._site(), connector).connector_id)
        return rehearsal.select(self._store, wanted, most=most, oldest=oldest)

    def release_these(self, message_ids: Collection[int], connector: str, actor: str) -> Released:
        """Have these messages of a connector take effect as it reads now, in the order they came. Blocks."""
        site = self._site()
        return rehearsal.release_these(self._store, site, source_of(site, connector), message_ids, actor, self._clock())

    def _waiting(
        self, cause: Cause, source: Source, after: int, limit: int
    ) -> tuple[list[MessageRow], list[tuple[MessageRow, Reading]]]:
        """The next messages of a cause, and the readings of those whose bytes are still there."""
        with self._store.read() as tx:
            rows = worklist.members(tx, cause, after=after, limit=limit)
            bodies = [(row, messages.body(tx, row.id)) for row in rows]
        at = self._clock()
        return rows, [(row, read(body.raw, source, at=at)) for row, body in bodies if body is not None]

    def _take(
        self,
        payload: bytes,
        parts: batch.Batch,
        source: Source,
        remarks: Sequence[Finding],
        reply: Reply,
        turned_away: TurnedAway | None = None,
    ) -> _Offer:
        """Have each message of a payload read, or kept as turned away; and what stands around them kept."""
        at = self._clock()
        envelope = _around(payload, parts.messages)
        offer = _Offer(reply, len(parts.messages) + bool(envelope))
        self._unanswered += offer.left
        if envelope:
            empty = not parts.messages
            self._enqueue([read_envelope(envelope, source, at=at, remarks=remarks, offer=offer, empty=empty)])
        for number, raw in enumerate(parts.messages):
            job = Job(raw, source, at, () if number or envelope else remarks, offer)
            if turned_away is None:
                self._readers.put(job)
            else:
                self._enqueue([_turned_away(job, turned_away)])
        return offer

    def _enqueue(self, readings: Sequence[Reading]) -> None:
        try:
            self._store.writer.enqueue(self._receive, readings)
        except Unavailable as error:  # the hub is stopping
            self._answer([(reading, error) for reading in readings])

    def _unread(self, job: Job) -> None:
        """A message that could not be read, not even as a failed one."""
        if isinstance(job.offer, _Offer):
            job.offer.answers += _not_now(Header.salvage(job.raw), job.at, job.source)
            self._mark(self._one_less(job.offer))

    def _source(self, connector: str) -> Source:
        """The connector as the reading needs it; made anew when the site changed."""
        site = self._site()
        if site is not self._sources_of:
            self._sources, self._sources_of = {}, site
            self._readers.forget()
        source = self._sources.get(connector)
        if source is None:
            source = self._sources[connector] = source_of(site, connector)
        return source

    def _open_source(self, connector: str) -> Source:
        """The same for a message that no listener stands before."""
        source = self._source(connector)
        state = self._site().connectors[connector].state
        if state == "suspended":
            raise Unavailable(
                f"the connector {connector} is suspended", remedy="send the message again later", code="suspended"
            )
        if state == "inactive":
            raise NotFound(f"the connector {connector} is inactive", place="connector")
        return source

    # --- the way back ------------------------------------------------------------------------------------------

    def _settled(self, results: Results) -> None:
        """On the writer's thread, after the commit."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._answer, results)

    def _answer(self, results: Results) -> None:
        """On the loop: an offer is answered when the last of its messages is."""
        lost: list[int] = []
        for reading, result in results:
            offer = reading.offer
            if not isinstance(offer, _Offer):
                continue
            if isinstance(result, Kept):
                offer.kept.append(result)
                offer.answers += result.answers
                self._count(reading.source.name, result.state)
                _log(reading, result)
            else:
                offer.answers += _not_now(reading.head, reading.received_at, reading.source)
                logs.rejected(reading.facility_code, "unavailable")
            lost += self._one_less(offer)
        self._mark(lost)

    def _one_less(self, offer: _Offer) -> list[int]:
        """One more of its messages is done; the sender hears of all at once. The messages whose answers nobody took."""
        self._unanswered -= 1
        offer.left -= 1
        if offer.left or offer.reply(offer.answers):
            return []
        return [kept.message_id for kept in offer.kept if kept.answers]

    def _mark(self, lost: list[int]) -> None:
        """Keep of these messages that nobody was there for their answers."""
        if lost:
            self._store.writer.submit(lambda tx: intake.mark_undeliverable(tx, lost))


def _turned_away(job: Job, why: TurnedAway) -> Reading:
    finding = Finding("", "error", why.reason, why.text, "207")
    reading = read_turned_away(job.raw, job.source, finding, at=job.at, remarks=job.remarks, offer=job.offer)
    if why.later:
        reading.end("failed", why.reason)
    return reading


def source_of(site: Site, name: str) -> Source:
    """How a receiving connector reads now. Raises NotFound."""
    connector = site.connectors.get(name)
    if connector is None:
        raise NotFound(f"there is no connector {name}", place="connector", remedy="see the connectors of the site")
    settings = connector.settings
    if not isinstance(settings, ListenerSettings | PollerSettings):
        raise NotFound(f"the connector {name} receives no messages", place="connector")
    return Source(
        connector_id=connector.id,
        name=name,
        profile=connector.profile,
        routes=connector.routes,
        facility=settings.facility,
        fallback_charset=settings.fallback_charset,
        mode=settings.acknowledgement,
    )


def _around(payload: bytes, messages: Sequence[bytes]) -> bytes:
    """What of the payload belongs to none of its messages; nothing where that is only blanks and framing."""
    if len(messages) == 1 and messages[0] is payload:
        return b""
    rest, start = b"", 0
    for raw in messages:
        found = payload.find(raw, start)
        if found < 0:  # cut from another encoding, so only the whole shows what was received
            return payload
        rest += payload[start:found]
        start = found + len(raw)
    rest += payload[start:]
    return rest if rest.strip(_BLANK) else b""


def _not_one(count: int) -> Invalid:
    """One request has one outcome and one address; of several messages one could be refused unseen."""
    if count:
        text = f"the body holds {count} messages, and nothing of it was taken"
        return Invalid(text, place="body", remedy="send each in a request of its own", code="several_messages")
    return Invalid("the body is a batch with no message in it", place="body", code="no_message")


def _remarks(origin: Origin, parts: Sequence[batch.Remark]) -> list[Finding]:
    found = [Finding("", "warning", word, _REMARKS.get(word, word.replace("_", " "))) for word in origin.remarks]
    if not origin.framed:
        found.append(Finding("", "warning", "unframed", _REMARKS["unframed"]))
    return found + _findings(parts)


def _findings(parts: Sequence[batch.Remark]) -> list[Finding]:
    return [Finding(each.path, "warning", each.code, each.text) for each in parts]


def _log(reading: Reading, kept: Kept) -> None:
    known = reading.routed is not None
    if kept.state in _REFUSED:
        logs.rejected(reading.facility_code, kept.reason, known)
    else:
        logs.received(reading.facility_code, known)


def _not_now(head: Header, at: int, source: Source) -> list[bytes]:
    """Nothing is stored, and the sender is told so."""
    acks = acknowledge(
        head,
        "error",
        control_id=f"OX{at}",
        at=moment(at),
        text="The message could not be stored now; send it again.",
        mode=source.mode,
    )
    return [ack.payload for ack in acks]
