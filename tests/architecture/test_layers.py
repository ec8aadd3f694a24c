"""What keeps the rooms apart, and their contents small. `make lint` checks style and types."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "officina"
PURE = ("wire", "message", "order", "workflow", "outbound")

# Names of products and companies of the field; a dialect's name may stand in a profile or preset, nowhere else.
VENDORS = (
    "residex", "openvpms", "frameworkltc", "softwriters", "pioneerrx", "qs1", "suiterx", "computerrx", "libertyrx",
    "omnicare", "pharmaserv", "mckesson", "rx30", "rxaxis", "rxgensys", "twrx", "pointclickcare", "synkwise",
    "medplum", "mirth", "nextgen", "cerner", "meditech", "ascribe", "omnicell", "pyxis", "ezyvet", "cubex",
)  # fmt: skip
BANNED = {"manager", "helper", "helpers", "util", "utils", "common", "misc", "data", "info", "processor"}


def modules(folder: Path = SOURCE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def texts() -> Iterator[Path]:
    """Files of the package that people wrote."""
    for path in sorted(SOURCE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "vendor" not in path.parts:
            yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_data_crosses_the_stages_in_order() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_no_vendor_is_named_outside_profiles_and_presets() -> None:
    pattern = re.compile(rf"(?i)\b({'|'.join(VENDORS)})")
    found = [
        f"{name(path)}: {match.group()}"
        for path in texts()
        if path.relative_to(SOURCE).parts[0] not in ("profiles", "presets")
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_only_the_store_speaks_sql() -> None:
    found = [
        name(path)
        for path in modules()
        if "store" not in path.relative_to(SOURCE).parts
        for package in _imported(path)
        if package in ("sqlalchemy", "sqlite3", "psycopg", "alembic")
    ]
    assert found == []


def test_the_pure_stages_ask_no_clock_and_open_no_file() -> None:
    forbidden = {"open", "now", "utcnow", "today", "time", "time_ns", "monotonic", "read_text", "read_bytes", "getenv"}
    found = []
    for stage in PURE:
        for path in modules(SOURCE / stage):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _callee(node) in forbidden:
                    found.append(f"{name(path)}:{node.lineno} {_callee(node)}")
    assert found == []


def test_names_say_what_is_inside() -> None:
    found = [name(path) for path in texts() if path.stem in BANNED or path.stem.endswith("_service")]
    folders = [name(path) for path in SOURCE.rglob("*") if path.is_dir() and path.name in BANNED]
    assert found + folders == []


def test_files_and_functions_stay_small() -> None:
    files = sorted(len(path.read_text().splitlines()) for path in modules())
    written = [path for path in modules() if "migrations" not in path.parts]
    functions = sorted(size for path in written for size, _ in _functions(path))
    assert files[-1] <= 600
    assert files[int(len(files) * 0.9)] <= 400
    assert functions[int(len(functions) * 0.9)] <= 35
    assert [place for path in written for size, place in _functions(path) if size > 80] == []


def test_our_own_javascript_stays_under_600_lines() -> None:
    scripts = [path for path in texts() if path.suffix in (".js", ".mjs")]
    assert scripts
    assert sum(len(path.read_text().splitlines()) for path in scripts) <= 600


def test_nothing_is_asked_of_another_origin() -> None:
    pattern = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""")
    found = [name(p) for p in texts() if p.suffix in (".html", ".css", ".js") and pattern.search(p.read_text())]
    assert found == []


@pytest.mark.parametrize("path", sorted((SOURCE / "presets").glob("*")), ids=lambda path: path.name)
def test_a_preset_is_a_short_toml_file(path: Path) -> None:
    if path.name.startswith("__"):
        return
    assert path.suffix == ".toml"
    assert len(path.read_text().splitlines()) <= 150


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _callee(node: ast.Call) -> str:
    called = node.func
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _functions(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield node.end_lineno - node.lineno + 1, f"{name(path)}:{node.lineno} {node.name}"
