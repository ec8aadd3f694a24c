"""The log: lines as the contract shows them, nothing forged, nothing leaked, nothing lost."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from typing import Literal

import pytest

from officina.errors import Unavailable
from officina.runtime import logs

CANARY = "Zzyzx-Canary"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The handlers of the test run, back in place afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logs.stop()
    root.handlers[:] = handlers
    root.setLevel(level)


def written(stream: io.StringIO) -> list[str]:
    logs.stop()
    return stream.getvalue().splitlines()


def test_lines_have_the_form_of_the_contract() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    logs.listening("127.0.0.1:6000")
    logs.received("TEST")
    logs.rejected("45", "unknown_facility")
    logs.port_busy("127.0.0.1:6000", "connector[1].settings.port")
    logs.stopped()
    lines = written(stream)
    time = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - ")
    assert all(time.match(line) for line in lines)
    assert [time.sub("", line) for line in lines] == [
        "INFO - Listening on 127.0.0.1:6000.",
        "INFO - Message received for facility code TEST.",
        "WARNING - Message rejected (unknown_facility) for facility code 45.",
        "ERROR - Port busy: 127.0.0.1:6000 is in use by another program. Change connector[1].settings.port.",
        "INFO - Service stopped.",
    ]


def test_json_lines_carry_the_same_in_fields() -> None:
    stream = io.StringIO()
    logs.configure("json", stream=stream)
    logs.listening("127.0.0.1:6000")
    logs.received("TEST")
    logs.rejected("45", "unknown_facility")
    objects = [json.loads(line) for line in written(stream)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one.pop("at")) for one in objects)
    assert objects == [
        {"level": "info", "event": "listening", "text": "Listening on 127.0.0.1:6000."},
        {"level": "info", "event": "message_received", "facility_code": "TEST"},
        {"level": "warning", "event": "message_rejected", "facility_code": "45", "reason": "unknown_facility"},
    ]


def test_a_code_cannot_forge_a_line() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    logs.received("OAK\n2026-01-01 00:00:00,000 - INFO - Service stopped.\x1b[31m" + "x" * 500, known=True)
    [line] = written(stream)
    assert line.endswith("for facility code OAK?2026-01-01 00:00:00,000 - INFO - Ser.")


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_no_code_is_not_written(form: Literal["text", "json"]) -> None:
    stream = io.StringIO()
    logs.configure(form, stream=stream)
    logs.received("Mrs Miller, born 1940-02-03, room 5")
    logs.rejected("Miller,Jane", "facility_unknown")
    logs.received("x" * 21)
    logs.received("OAK\n")
    assert [line.count("(not a code)") for line in written(stream)] == [1] * 4


@pytest.mark.parametrize("code", ["", "TEST", "45", "OAK-01", "MH_1", "a.b/c", "Ä1"])
def test_what_has_the_form_of_a_code_is_written(code: str) -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    logs.received(code)
    logs.received(f"Oak House {code}", known=True)
    unknown, known = written(stream)
    assert unknown.endswith(f"for facility code {code}.")
    assert known.endswith(f"for facility code Oak House {code}.")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_text_of_a_foreign_exception_is_never_written(form: str) -> None:
    stream = io.StringIO()
    logs.configure("json" if form == "json" else "text", stream=stream)
    log = logging.getLogger("officina.test")
    try:
        int(CANARY)
    except ValueError:
        log.exception("It failed.")
    try:
        try:
            {}[CANARY]
        except KeyError as cause:
            raise Unavailable("the book does not answer", place="database") from cause
    except Unavailable:
        log.exception("It failed.")
    [foreign, own] = written(stream)
    assert CANARY not in foreign + own
    assert (
        "[builtins.ValueError] at test_the_text_of_a_foreign_exception_is_never_written (runtime/test_logs.py:"
        in foreign
    )
    assert "[unavailable] database: the book does not answer" in own


def test_everything_logged_from_many_threads_is_written_once() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    threads = [threading.Thread(target=lambda n=n: [logs.received(f"{n}-{i}") for i in range(2000)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = [line.rpartition(" ")[2].rstrip(".") for line in written(stream)]
    assert sorted(codes) == sorted(f"{n}-{i}" for n in range(4) for i in range(2000))


class Stuck(io.StringIO):
    """A stream whose reader does not read until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        assert self.go.wait(20)
        return super().write(text)


def test_a_log_nobody_reads_costs_bounded_memory_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "CAPACITY", 10)
    stream = Stuck()
    logs.configure(stream=stream)
    logging.getLogger("officina").warning("First.")
    assert stream.reached.wait(20)
    for _ in range(25):
        logs.received("X")
    stream.go.set()
    lines = written(stream)
    assert len(lines) == 12
    assert lines[-1].endswith("The log could not keep up: 15 lines are missing.")


def test_a_closed_stream_does_not_stop_the_hub() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    stream.close()
    logs.received("X")
    logs.stop()


def test_a_warning_is_written_at_once() -> None:
    stream = Stuck()
    stream.go.set()
    logs.configure(stream=stream)
    logging.getLogger("officina").warning("Look.")
    assert stream.reached.wait(20)


def test_a_higher_level_leaves_out_what_is_usual_but_not_what_is_refused() -> None:
    stream = io.StringIO()
    logs.configure(level="warning", stream=stream)
    logs.listening("127.0.0.1:6000")
    logs.received("TEST")
    logs.rejected("45", "unknown_facility")
    [line] = written(stream)
    assert "Message rejected" in line


def test_addresses_of_pages_and_statements_stay_out() -> None:
    stream = io.StringIO()
    logs.configure(level="debug", stream=stream)
    logging.getLogger("uvicorn.access").info("GET /patients?name=%s", CANARY)
    logging.getLogger("sqlalchemy.engine").info("SELECT %s", CANARY)
    assert written(stream) == []
