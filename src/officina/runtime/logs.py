"""The hub's log: lines as the long-term-care contract shows them, or JSON, without patient data and off the hot path.

Two rules. *Cheap*: whoever logs appends to a queue and goes on; one thread writes what has gathered, many lines in one
write, at most `FLUSH_SECONDS` later (at once from a warning up). *Clean*: the text of an exception is written only if
it is one of ours, whose text never quotes a message; of any other only its type and where it happened, because
libraries quote the value they choked on. A facility code is written if it is in the site's code map or has the form of
a code: in the field that should hold one may stand anything.
"""

from __future__ import annotations

import atexit
import json
import logging
import re
import sys
import threading
import time
import traceback
from collections import deque
from types import TracebackType
from typing import IO, Literal, NamedTuple

from officina.clock import iso
from officina.errors import OfficinaError

FLUSH_SECONDS = 0.2
CAPACITY = 100_000
_CODE_LENGTH = 40
_CODE = re.compile(r"[^\W_][\w./-]{0,19}")  # as long as HL7 lets a coded value be (data type IS, chapter 2A)
_NOT_A_CODE = "(not a code)"
_EVENT = "officina_event"

_log = logging.getLogger("officina")


class _Line(NamedTuple):
    """One line about a message. ``at_ns`` is time.time_ns(); ``reason`` a stable word, '' when it was received.

    ``known``: the facility code is in the site's code map.
    """

    at_ns: int
    facility_code: str
    reason: str
    known: bool

    @property
    def shown_code(self) -> str:
        return printable(self.facility_code) if self.known else clean(self.facility_code)


_Entry = _Line | logging.LogRecord
_Excuse = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Journal(logging.Handler):
    """The one handler of the process: gathers entries, writes them from a thread of its own."""

    def __init__(self, stream: IO[str], form: Literal["text", "json"] = "text", level: int = logging.INFO) -> None:
        super().__init__()
        self.tells_received = level <= logging.INFO
        self._stream = stream
        self.form = form
        self._write_line = _JsonForm() if form == "json" else _TextForm()
        self._entries: deque[_Entry] = deque()  # append and popleft are atomic, so the hot path takes no lock
        self._lost = 0
        self._wake = threading.Event()
        self._writing = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def line(self, facility_code: str, reason: str = "", known: bool = False) -> None:
        """One line about one message; made for the hot path (well under a microsecond)."""
        entries = self._entries
        if len(entries) < CAPACITY:
            entries.append(_Line(time.time_ns(), facility_code, reason, known))
        else:
            self._lost += 1

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the lock of `logging.Handler`, which a slow write would hold."""
        if len(self._entries) >= CAPACITY:
            self._lost += 1
            return False
        self._entries.append(record)
        if record.levelno >= logging.WARNING:
            self._wake.set()
        return True

    def flush(self) -> None:
        """Write what has gathered; returns when it is handed to the operating system."""
        with self._writing:
            entries = [self._entries.popleft() for _ in range(len(self._entries))]
            lost, self._lost = self._lost, 0
            if lost:
                entries.append(_record(logging.WARNING, f"The log could not keep up: {lost} lines are missing."))
            if not entries:
                return
            try:
                self._stream.write("".join(map(self._write_line, entries)))
                self._stream.flush()
            except (OSError, ValueError):  # the reader of our log is gone; the hub goes on without it
                return

    def close(self) -> None:
        """Write the rest and end the thread."""
        self._open = False
        self._wake.set()
        self._thread.join(timeout=2)
        self.flush()
        super().close()

    def _run(self) -> None:
        while self._open:
            self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()
            self.flush()


class _TextForm:
    """``2021-03-15 10:35:19,977 - INFO - Message received for facility code TEST.``: local time, as the contract."""

    def __init__(self) -> None:
        self._second = -1
        self._prefix = ""

    def __call__(self, entry: _Entry) -> str:
        if isinstance(entry, _Line):
            millisecond = entry.at_ns // 1_000_000
            verb = f"rejected ({entry.reason})" if entry.reason else "received"
            level = "WARNING" if entry.reason else "INFO"
            return f"{self._at(millisecond)} - {level} - Message {verb} for facility code {entry.shown_code}.\n"
        return f"{self._at(int(entry.created * 1000))} - {entry.levelname} - {_text(entry)}\n"

    def _at(self, millisecond: int) -> str:
        second, rest = divmod(millisecond, 1000)
        if second != self._second:
            self._second = second
            self._prefix = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        return f"{self._prefix},{rest:03d}"


class _JsonForm:
    """One object per line: ``at`` (UTC), ``level``, ``event``, ``text``, and what the event is about."""

    def __call__(self, entry: _Entry) -> str:
        found: dict[str, object]
        if isinstance(entry, _Line):
            event = "message_rejected" if entry.reason else "message_received"
            level = "warning" if entry.reason else "info"
            found = {"at": iso(entry.at_ns // 1000), "level": level, "event": event}
            found["facility_code"] = entry.shown_code
            if entry.reason:
                found["reason"] = entry.reason
        else:
            found = {"at": iso(int(entry.created * 1_000_000)), "level": entry.levelname.lower()}
            found |= {"event": getattr(entry, _EVENT, entry.name), "text": _text(entry)}
        return json.dumps(found, ensure_ascii=False) + "\n"


def _text(record: logging.LogRecord) -> str:
    text = record.getMessage().replace("\n", " ")
    return f"{text} {describe(record.exc_info)}" if record.exc_info else text


def describe(excuse: _Excuse | None) -> str:
    """An exception on one line: ours with its text, any other with its type and the way it came."""
    error = excuse[1] if excuse else None
    if error is None:
        return ""
    if isinstance(error, OfficinaError):
        return f"[{error.code}] {error}"
    way = " < ".join(f"{frame.name} ({_short(frame.filename)}:{frame.lineno})" for frame in reversed(_frames(error)))
    return f"[{type(error).__module__}.{type(error).__qualname__}] at {way or 'an unknown place'}"


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])


def clean(code: str) -> str:
    """A code from the wire that nobody knows: as it is if it has the form of one, which names and notes have not."""
    return code if not code or _CODE.fullmatch(code) else _NOT_A_CODE


def printable(code: str) -> str:
    """A code fit for one line: bounded, and without anything that could forge another line."""
    if len(code) <= _CODE_LENGTH and code.isprintable():
        return code
    return "".join(letter if letter.isprintable() else "?" for letter in code[:_CODE_LENGTH])


def _record(level: int, text: str) -> logging.LogRecord:
    return logging.LogRecord("officina", level, "", 0, text, None, None)


_journal: Journal | None = None


def configure(form: Literal["text", "json"] = "text", level: str = "info", stream: IO[str] | None = None) -> Journal:
    """Make the journal the only handler of the process. Calling it again replaces the former one."""
    global _journal
    stop()
    least = logging.getLevelNamesMapping()[level.upper()]
    _journal = Journal(stream or sys.stderr, form, least)
    root = logging.getLogger()
    root.handlers[:] = [_journal]
    root.setLevel(least)
    # What no form of ours shows need not be found out for each line (the Optimization section of Python's logging
    # how-to); that halves the cost of a line through `logging`.
    for detail in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, detail, False)
    setattr(logging, "_srcfile", None)  # noqa: B010 (typeshed knows it only in some versions)
    # Addresses of pages carry what people search for, and statements carry rows: neither belongs into a log.
    logging.getLogger("uvicorn.access").disabled = True
    for library in ("uvicorn", "uvicorn.error", "sqlalchemy", "alembic", "asyncio"):
        logging.getLogger(library).handlers.clear()
        logging.getLogger(library).propagate = True
        logging.getLogger(library).setLevel(logging.WARNING)
    return _journal


def form() -> Literal["text", "json"]:
    """The form of the log, for a process that logs beside this one."""
    return _journal.form if _journal is not None else "text"


def stop() -> None:
    """Write what is left; afterwards nothing is logged until `configure` is called again."""
    global _journal
    journal, _journal = _journal, None
    if journal is not None:
        logging.getLogger().removeHandler(journal)
        journal.close()


atexit.register(stop)


# --- the lines operators know -----------------------------------------------------------------------------------
def received(facility_code: str, known: bool = False) -> None:
    """A message was received and processed; ``known``: its code is in the code map. Called per message: be cheap."""
    if _journal is not None and _journal.tells_received:
        _journal.line(facility_code, "", known)


def rejected(facility_code: str, reason: str, known: bool = False) -> None:
    """A message was refused; ``reason`` is a stable word such as ``unknown_facility``."""
    if _journal is not None:
        _journal.line(facility_code, reason, known)


def listening(address: str) -> None:
    _log.info("Listening on %s.", address, extra={_EVENT: "listening"})


def port_busy(address: str, setting: str) -> None:
    _log.error("Port busy: %s is in use by another program. Change %s.", address, setting, extra={_EVENT: "port_busy"})


def stopped() -> None:
    _log.info("Service stopped.", extra={_EVENT: "service_stopped"})
