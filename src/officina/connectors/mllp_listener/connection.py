"""One connection of an MLLP port: bytes to frames, frames to the intake, answers back in the order of the messages."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from officina import clock
from officina.connectors.mllp_listener.table import Binding, admits
from officina.connectors.port import Origin, Reply, TurnedAway
from officina.errors import OfficinaError
from officina.wire import mllp
from officina.wire.acknowledge import ErrorLine, Header, acknowledge

if TYPE_CHECKING:
    from officina.connectors.mllp_listener.listener import MllpPort

_log = logging.getLogger("officina.listener")

SETTLE_S: Final = 0.05  # silence after FS that stands for the forgotten CR
UNFRAMED_SETTLE_S: Final = 0.5  # silence after which an unframed message is taken as complete
_BLANK: Final = b" \t\r\n\x00\x0b\x0c\x1c\x1d\x1a"
LINGER_S: Final = 1.0  # how long a closing connection waits for its peer to have read the last answers


class _Slot:
    """The place of one message in the order of answers."""

    __slots__ = ("acks", "framed")

    def __init__(self, framed: bool) -> None:
        self.framed = framed
        self.acks: Sequence[bytes] | None = None


class Connection(asyncio.Protocol):
    """Backpressure: reading pauses while ``max_in_flight`` messages are unanswered or the peer does not read answers.

    Time limits are looked at by one coarse timer, so they hold within a quarter of the shortest of them.
    """

    __slots__ = (
        "_address",
        "_closing",
        "_decoder",
        "_flush_due",
        "_frame_since",
        "_heard_at",
        "_identity",
        "_loop",
        "_origin",
        "_paused",
        "_peer",
        "_peer_done",
        "_port",
        "_settle",
        "_slots",
        "_stuck_since",
        "_timer",
        "_transport",
        "_waiting",
    )

    def __init__(self, port: MllpPort) -> None:
        limits = port.table.limits
        self._port = port
        self._loop = port.loop
        self._decoder = mllp.Decoder(limits.max_message_bytes, limits.unframed)
        self._slots: deque[_Slot] = deque()
        self._waiting: deque[mllp.Event] = deque()  # came in one chunk with what filled max_in_flight
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._settle: asyncio.TimerHandle | None = None
        self._heard_at = self._frame_since = self._stuck_since = 0.0
        self._paused = self._closing = self._flush_due = self._peer_done = False
        self._address = self._peer = self._identity = ""
        self._origin: Origin | None = None

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        self._address, self._peer = str(peer[0]), shown_address(peer)
        self._identity = _identity(transport.get_extra_info("peercert"))
        refusal = self._port.admit(self, self._address)
        if refusal:
            _log.warning("Connection from %s refused on %s: %s.", self._peer, self._port.address, refusal)
            self._closing = True
            transport.close()
            return
        self._heard_at = self._loop.time()
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        decoder = self._decoder
        events = decoder.feed(data)
        if self._settle:
            self._settle.cancel()
            self._settle = None
        if events:
            self._take(events)
        if decoder.open:
            if events or not self._frame_since:
                self._frame_since = self._loop.time()
            if decoder.unproven:
                quiet = UNFRAMED_SETTLE_S if decoder.unframed else SETTLE_S
                self._settle = self._loop.call_later(quiet, self._settled)
        else:
            self._frame_since = 0.0

    def eof_received(self) -> bool:
        """The peer will send no more; what it sent is still answered (TLS knows no half-open connection)."""
        self._peer_done = True
        if not self._closing:
            self._take(self._decoder.end())
            self._frame_since = 0.0
        self.close()
        transport = self._transport
        secure = transport is not None and transport.get_extra_info("sslcontext") is not None
        return bool(self._slots or self._waiting) and not secure

    def connection_lost(self, error: Exception | None) -> None:
        self._closing = True
        for handle in (self._timer, self._settle):
            if handle:
                handle.cancel()
        self._transport = None
        self._waiting.clear()
        self._port.forget(self)

    def pause_writing(self) -> None:
        self._stuck_since = self._loop.time()
        self._steer()

    def resume_writing(self) -> None:
        self._stuck_since = 0.0
        self._steer()

    # What the port calls.

    def close(self) -> None:
        """Takes no more messages; closes as soon as those taken are answered."""
        self._closing = True
        if self._settle:
            self._settle.cancel()
            self._settle = None
        if not self._slots and not self._waiting:
            self._finish()

    def abort(self) -> None:
        """Closes without waiting."""
        if self._transport:
            self._transport.abort()

    def limits_changed(self) -> None:
        """The port has another table of connectors."""
        self._origin = None
        self._decoder.max_size = self._port.table.limits.max_message_bytes
        self._decoder.unframed = self._port.table.limits.unframed
        self._steer()

    @property
    def unanswered(self) -> int:
        """Messages taken and not yet answered."""
        return len(self._slots) + len(self._waiting)

    # Messages in.

    def _take(self, events: list[mllp.Event]) -> None:
        limit = self._port.table.limits.max_in_flight
        for event in events:
            if self._waiting or len(self._slots) >= limit:
                self._waiting.append(event)
            else:
                self._take_one(event)
        if self._waiting or len(self._slots) >= limit:
            self._steer()

    def _take_one(self, event: mllp.Event) -> None:
        if isinstance(event, mllp.Frame):
            self._heard_at = self._loop.time()
            self._offer(event)
        elif isinstance(event, mllp.Oversize):
            self._heard_at = self._loop.time()
            binding = self._port.table.find(event.head) or self._port.table.default
            self._turn_away(event.head, event.framed, binding, _too_long(event.seen))
        elif event.sample.strip(_BLANK):
            text = f"{event.seen} bytes came that are no message ({event.reason.replace('_', ' ')})."
            self._turn_away(event.sample, False, self._port.table.default, TurnedAway(event.reason, text))
        elif event.reason == "empty_frame":  # some senders show so that they are there
            self._heard_at = self._loop.time()
            _log.info("An empty frame came from %s on %s; there is nothing to answer.", self._peer, self._port.address)

    def _offer(self, frame: mllp.Frame) -> None:
        table = self._port.table
        binding = table.find(frame.payload)
        if binding is None:
            self._turn_away(frame.payload, frame.framed, table.default, _NOBODYS)
            return
        remarks, settings = frame.remarks, binding.settings
        if len(frame.payload) > settings.max_message_bytes:
            self._turn_away(frame.payload, frame.framed, binding, _too_long(len(frame.payload)))
            return
        if settings.allow_from and not admits(binding, self._address):
            self._turn_away(frame.payload, frame.framed, binding, _FROM_ELSEWHERE)
            return
        if binding.suspended:
            self._turn_away(frame.payload, frame.framed, binding, _SUSPENDED)
            return
        origin = self._origin
        if origin is None or remarks or not frame.framed or origin.connector != binding.name:
            origin = Origin(binding.name, self._peer, frame.framed, remarks, self._identity)
            if not remarks and frame.framed:
                self._origin = origin
        self._port.log_received()
        self._hand_over(frame.payload, frame.framed, binding, partial(self._port.intake.offer, frame.payload, origin))

    def _turn_away(self, payload: bytes, framed: bool, binding: Binding, why: TurnedAway) -> None:
        _log.warning("Turned away on %s for connector %s: %s", self._port.address, binding.name, why.text)
        origin = Origin(binding.name, self._peer, framed, (), self._identity)
        self._hand_over(payload, framed, binding, partial(self._port.intake.turn_away, payload, origin, why))

    def _hand_over(self, payload: bytes, framed: bool, binding: Binding, take: Callable[[Reply], None]) -> None:
        slot = _Slot(framed)
        self._slots.append(slot)
        try:
            take(partial(self._reply, slot))
        except Exception:
            _log.exception("The intake failed on a message received on %s.", self._port.address)
            if slot.acks is None:
                self._reply(slot, self._answer(payload, binding, "The message could not be taken now."))

    def _answer(self, head: bytes, binding: Binding, text: str) -> list[bytes]:
        now = clock.now()
        acks = acknowledge(
            Header.salvage(head),
            "error",
            control_id=f"L{now:x}{self._port.next_number():02x}",
            at=clock.moment(now),
            errors=(ErrorLine("", "207", "error", text),),
            mode=binding.settings.acknowledgement,
        )
        return [ack.payload for ack in acks]

    def _settled(self) -> None:
        self._settle = None
        if not self._closing:
            self._frame_since = 0.0
            self._take(self._decoder.settle())

    # Answers out.

    def _reply(self, slot: _Slot, acks: Sequence[bytes]) -> bool:
        if self._transport is None:
            return False
        if slot.acks is not None:
            return True
        slot.acks = acks
        if self._flush_due or self._slots[0] is not slot:
            return True
        if len(self._slots) == 1:
            self._flush()
        else:  # its neighbours are probably answered in this very turn of the loop: one write for all
            self._flush_due = True
            self._loop.call_soon(self._flush)
        return True

    def _flush(self) -> None:
        """Sends the answers that are due, and takes waiting messages in the places that become free."""
        self._flush_due = True  # an answer that comes while a waiting message is taken is sent by this loop
        slots = self._slots
        while slots and slots[0].acks is not None:
            pieces = []
            while slots and (acks := slots[0].acks) is not None:
                framed = slots.popleft().framed
                pieces += [self._framed(ack) if framed else ack for ack in acks]
            if pieces and self._transport:
                self._transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))
            self._take_waiting()
        self._flush_due = False
        if self._closing and not slots and not self._waiting:
            self._finish()

    def _framed(self, ack: bytes) -> bytes:
        try:
            return mllp.encode(ack)
        except OfficinaError:
            _log.error("An answer on %s cannot be framed and is not sent.", self._port.address)
            return b""

    def _take_waiting(self) -> None:
        limit = self._port.table.limits.max_in_flight
        while self._waiting and len(self._slots) < limit:
            self._take_one(self._waiting.popleft())
        if self._paused:
            self._steer()

    def _steer(self) -> None:
        """Reads or does not read, as the number of unanswered messages and the peer's own reading allow."""
        full = bool(self._waiting) or len(self._slots) >= self._port.table.limits.max_in_flight
        pause = (full or bool(self._stuck_since)) and not self._closing
        transport = self._transport
        if pause is self._paused or transport is None or transport.is_closing():
            return
        self._paused = pause
        if pause:
            transport.pause_reading()
        else:
            self._heard_at = self._loop.time()
            if self._frame_since:
                self._frame_since = self._heard_at
            transport.resume_reading()

    # Time and the end.

    def _watch(self) -> None:
        """Looks at the time limits, again and again. While closing, the port's grace is the limit instead."""
        limits, now = self._port.table.limits, self._loop.time()
        if self._closing:
            return
        if self._stuck_since and now - self._stuck_since > limits.frame_timeout_s:
            self._give_up("it does not read its answers", abort=True)
        elif self._frame_since and not self._paused and now - self._frame_since > limits.frame_timeout_s:
            self._give_up("a message took too long to arrive")
        elif not self._slots and now - self._heard_at > limits.idle_timeout_s:
            self._give_up("it was silent")
        else:
            step = min(limits.idle_timeout_s, limits.frame_timeout_s) / 4
            self._timer = self._loop.call_later(min(max(step, 0.01), 5.0), self._watch)

    def _give_up(self, reason: str, abort: bool = False) -> None:
        _log.warning("Connection from %s on %s is closed: %s.", self._peer, self._port.address, reason)
        if abort:
            self.abort()
        else:
            self.close()

    def _finish(self) -> None:
        """Everything is answered. Closing a socket that holds unread bytes would reset the connection and could take
        the last answers with it, so the peer is told and may close first."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._paused:
            self._paused = False
            transport.resume_reading()
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(LINGER_S, self.abort)
        if transport.can_write_eof() and not self._peer_done:
            transport.write_eof()
        else:
            transport.close()


def shown_address(address: tuple[Any, ...]) -> str:
    """``127.0.0.1:6000``, ``[::1]:6000``."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _identity(certificate: dict[str, Any] | None) -> str:
    """The name in a client certificate: its common name, else its first alternative name."""
    if not certificate:
        return ""
    for part in certificate.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                return str(value)
    for _, value in certificate.get("subjectAltName", ()):
        return str(value)
    return ""


_FROM_ELSEWHERE = TurnedAway("not_allowed", "This address may not send such messages (allow_from).", whole=True)
_NOBODYS = TurnedAway(
    "no_match", "It is not for this listener: no connector asks for such messages (MSH-3 to MSH-6).", whole=True
)
_SUSPENDED = TurnedAway(
    "suspended", "This connection is suspended; send the message again later.", whole=True, later=True
)


def _too_long(size: int) -> TurnedAway:
    return TurnedAway(
        "too_long",
        f"The message is too long for this listener: {size} bytes (max_message_bytes); only its start is kept.",
    )
