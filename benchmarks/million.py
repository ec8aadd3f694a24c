"""``python -m benchmarks.million``: a full book. What it takes to take in, and what every screen takes to answer.

DESIGN's row "1,000,000 stored messages": intake within a tenth of an empty book's, every screen's answer below 100 ms.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks import hub, intake, machine
from benchmarks.databases import Sqlite

RESULTS: Final = Path(__file__).parent / "results" / "million.json"
LOGIN, PASSWORD = "ada", "correct horse battery staple"
TIMES: Final = 7  # each screen; the first finds nothing in memory and counts with the others
FIND: Final = "find "  # what is looked for stands in no address, so it is sent
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def screens(book: Path) -> Sequence[tuple[str, str]]:
    """Name and address of every screen that reads what grows, each with a case from the middle of the book."""
    message, order, control_id, number, patient, delivery = _samples(book)
    return (
        ("messages, newest", "/messages"),
        ("messages, from the middle on", f"/messages?before={message}"),
        ("messages by control id", f"/messages?number={control_id}"),
        ("messages by order number", f"/messages?number={number}"),
        ("messages of a type", "/messages?type=RDE%5EO11"),
        ("messages of a facility", "/messages?facility=OAK01"),
        ("messages of a connector", "/messages?connector=load"),
        ("messages that are parked", "/messages?state=parked"),
        ("a message", f"/messages/{message}"),
        ("orders, newest", "/orders"),
        ("orders by number", f"/orders?number={number}"),
        ("an order with its timeline", f"/orders/{order}"),
        ("a patient looked for by name", f"{FIND}Merriweather"),
        ("a patient looked for by number", f"{FIND}{patient}"),
        ("connectors", "/connectors"),
        ("a queue", "/deliveries?state=queued"),
        ("the error queue", "/deliveries"),
        ("a delivery", f"/deliveries/{delivery}"),
        ("the worklist", "/worklist"),
        ("traffic", "/traffic"),
        ("alerts", "/alerts"),
    )


def measure(count: int, folder: Path) -> dict[str, Any]:
    """Fill a book and measure it."""
    database = Sqlite(folder)
    made = hub.Hub(database.url, folder)
    made.add_analyst(LOGIN, PASSWORD)
    made.start()
    try:
        empty = _rate(made)
        print(f"  empty: {empty:,.0f}/s", flush=True)
        began = time.monotonic()
        while (stored := _stored(database.path)) < count:
            intake.load(made.target, 64, 0, more=("--count", str(min(100_000, count - stored))))
            print(f"  {_stored(database.path):,} messages after {time.monotonic() - began:,.0f} s", flush=True)
        full = _rate(made)
        print(f"  full: {full:,.0f}/s ({full / empty:.2f} of empty)", flush=True)
        took = _screens(made, screens(database.path))
    finally:
        made.stop()
    size = sum(path.stat().st_size for path in folder.glob("officina.db*"))
    return {
        "messages": count,
        "empty_per_s": empty,
        "full_per_s": full,
        "ratio": round(full / empty, 3),
        "bytes_per_message": round(size / _stored(database.path)),
        "screens_ms": took,
    }


def _rate(running: hub.Hub) -> float:
    figures = intake.load(running.target, 64, 10.0)
    if figures["errors"]:
        raise RuntimeError(str(figures["errors"]))
    return float(figures["rate"])


def _screens(running: hub.Hub, wanted: Sequence[tuple[str, str]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with httpx.Client(base_url=f"http://127.0.0.1:{running.web_port}", timeout=60, follow_redirects=True) as client:
        form = {"login": LOGIN, "password": PASSWORD, "next": "/messages"}
        inside = client.post("/sign-in", data={"csrf": _csrf(client.get("/sign-in")), **form})
        for name, address in wanted:
            took = [_once(client, address, _csrf(inside)) for _ in range(TIMES)]
            found[name] = {"median": round(statistics.median(took), 1), "worst": round(max(took), 1)}
            print(f"  {name}: {found[name]['median']} ms, at worst {found[name]['worst']} ms", flush=True)
    return found


def _csrf(page: httpx.Response) -> str:
    found = _CSRF.search(page.text)
    if found is None:
        raise RuntimeError(f"{page.url} has no form")
    return found[1]


def _once(client: httpx.Client, address: str, csrf: str) -> float:
    began = time.perf_counter()
    if address.startswith(FIND):
        answer = client.post("/find", data={"csrf": csrf, "number": address.removeprefix(FIND)})
    else:
        answer = client.get(address)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200 or "/sign-in" in str(answer.url):
        raise RuntimeError(f"{address} answered {answer.status_code} as {answer.url}")
    return took


def _stored(book: Path) -> int:
    with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as read:
        return int(read.execute("SELECT count(*) FROM message").fetchone()[0])


def _samples(book: Path) -> tuple[int, int, str, str, str, int]:
    """Ids and numbers from the middle of the book."""
    with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as read:

        def one(statement: str, *values: object) -> Any:
            return read.execute(statement, values).fetchone()

        (top,) = one("SELECT max(id) FROM message")
        message, control_id = one("SELECT id, control_id FROM message WHERE id >= ? ORDER BY id LIMIT 1", top // 2)
        order, number, patient_id = one(
            'SELECT id, placer_number, patient_id FROM "order" WHERE id >= ? ORDER BY id LIMIT 1', top // 2
        )
        (patient,) = one("SELECT value FROM patient_identifier WHERE patient_id = ?", patient_id)
        (delivery,) = one("SELECT id FROM delivery WHERE id >= ? ORDER BY id LIMIT 1", top // 2)
    return message, order, control_id, number, patient, delivery


def main() -> None:
    """Measures, prints, and keeps the figures in `results/million.json` where the count is the whole million."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None, help="where the database lies (default: the system's)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="officina-bench-", dir=asked.folder) as name:
        folder = Path(name)
        results = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine.describe(folder),
            **measure(asked.count, folder),
        }
    print(json.dumps(results, indent=2))
    if asked.count >= 1_000_000:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
