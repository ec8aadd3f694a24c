"""``python -m benchmarks [--quick]``: every figure in one run, one table, one JSON file."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import disk, forward, intake, machine, memory, parse, table
from benchmarks.databases import Database, Postgresql, Sqlite, postgresql_server

Measures = dict[str, dict[str, Any]]
_CONNECTIONS = (1, 8, 64)


@contextmanager
def _folder(near: Path | None) -> Iterator[Path]:
    """An own folder for one measure. PostgreSQL's user must be able to look into it."""
    with tempfile.TemporaryDirectory(prefix="officina-bench-", dir=near) as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def _intake(key: str, database: Database, folder: Path, seconds: float) -> Measures:
    found = intake.ours(database, folder, _CONNECTIONS, seconds)
    for count, figures in found.items():
        print(f"  {database.name}, {count} connections: {figures['rate']:,.0f}/s, p99 {figures['p99']} ms", flush=True)
    return {
        f"{key}_{count}": {"value": figures["rate"], "p99": figures["p99"], "raw": figures, "peers": {}}
        for count, figures in found.items()
    }


def _peers(measures: Measures, seconds: float, near: Path | None) -> None:
    if not intake.peers_installed():
        print("  the peers are not installed: `make bench` does it, or pip install -r requirements/bench.txt")
        return
    best = 0.0
    for which in intake.PEER_SERVERS:
        with _folder(near) as folder:
            found = intake.peer(which, folder, _CONNECTIONS, seconds)
        for count, figures in found.items():
            errors = f", {sum(figures['errors'].values())} errors" if figures["errors"] else ""
            print(f"  {which.name}, {count} connections: {figures['rate']:,.0f}/s, p99 {figures['p99']} ms{errors}")
            for key in (f"sqlite_{count}", f"postgresql_{count}"):
                if key in measures and figures["rate"]:
                    measures[key]["peers"][which.name] = figures["rate"]
        if which.engine:
            best = max(best, *(figures["rate"] for figures in found.values()))
    if best:
        measures["engine"] = {"value": round(measures["sqlite_64"]["value"] / best, 2), "peers": {}}


def _forward(quick: bool, near: Path | None) -> Measures:
    share = 5 if quick else 1  # of everything, a part
    with _folder(near) as folder:
        one = forward.to_one(Sqlite(folder), folder, 20_000 // share)
    with _folder(near) as folder:
        backlog = forward.backlog(Sqlite(folder), folder, 20_000 // share)
    with _folder(near) as folder:
        paced = forward.at_a_rate(Sqlite(folder), folder, 20.0 / share)
    with _folder(near) as folder:
        many = forward.to_many(Sqlite(folder), folder, 500 // share, forward.DEAD)
    with _folder(near) as folder:
        without = forward.to_many(Sqlite(folder), folder, 500 // share, 0)
    peers = {}
    if intake.peers_installed():
        with _folder(near) as folder:
            peers[intake.ENGINE] = forward.messagefoundry(folder, 1_000 // share)["rate"]
    return {
        "forward": {"value": one["rate"], "peers": peers, "raw": one},
        "backlog": {"value": backlog["rate"], "peers": {}},
        "forward_p99": {"value": paced["p99"], "peers": {}, "raw": paced},
        "partners": {"value": many["rate"], "peers": {"without the dead ones": without["rate"]}, "raw": many},
    }


def _parse() -> Measures:
    found = parse.measure()
    ours = found.pop("officina")
    ratio = round(found["python-hl7"] / ours, 1)
    return {"parse": {"value": ours, "peers": found}, "parse_ratio": {"value": ratio, "peers": {}}}


def _run(quick: bool, near: Path | None) -> dict[str, Any]:
    seconds = 3.0 if quick else 10.0
    measures: Measures = {}
    with _folder(near) as folder:
        about = machine.describe(folder)
        print("intake", flush=True)
        measures |= _intake("sqlite", Sqlite(folder), folder, seconds)
    with _folder(near) as folder, postgresql_server(folder) as uri:
        measures |= _intake("postgresql", Postgresql(uri, "intake"), folder, seconds)
        print("disk", flush=True)
        measures["disk_postgresql"] = _disk(Postgresql(uri, "disk"), folder, quick)
    print("store and forward", flush=True)
    measures |= _forward(quick, near)
    print("peers", flush=True)
    _peers(measures, seconds, near)
    with _folder(near) as folder:
        measures["disk"] = _disk(Sqlite(folder), folder, quick)
    print("memory, start", flush=True)
    with _folder(near) as folder:
        rest = memory.measure(Sqlite(folder).url, folder, starts=1 if quick else 3)
    measures["memory"] = {"value": rest["idle_mb"], "peers": {}}
    measures["start"] = {"value": rest["start_seconds"], "peers": {}}
    print("parse", flush=True)
    measures |= _parse()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"at": at, "quick": quick, "machine": about, "measures": measures}


def _disk(database: Database, folder: Path, quick: bool) -> dict[str, Any]:
    figures = disk.measure(database, folder, 10_000 if quick else 50_000)
    return {"value": figures["bytes_per_message"], "peers": {}, "raw": figures}


def main() -> None:
    """Runs everything and prints the table; a full run also renews `results/latest.json` and the README's table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three seconds per figure instead of ten")
    parser.add_argument("--folder", type=Path, default=None, help="where the databases lie (default: the system's)")
    parser.add_argument("--readme", type=Path, default=Path("README.md"), help="document whose table is to be renewed")
    asked = parser.parse_args()
    results = _run(asked.quick, asked.folder)
    file = table.QUICK if asked.quick else table.RESULTS
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print()
    print(table.text(results))
    if not asked.quick and not table.write_into(asked.readme, results):
        print(f"{asked.readme} has no marks {table.BEGIN} … {table.END}")


if __name__ == "__main__":
    main()
