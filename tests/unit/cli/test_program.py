"""The program as a whole: how errors end, that help is quick, and the demo from start to Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.ports import free_port
from tests.unit.cli.conftest import Officina

from officina import errors
from officina.cli.failure import EXIT_CODES, MEANINGS, exit_code, told

HEAVY = {"sqlalchemy", "pydantic", "rich", "asyncio", "cryptography", "fastapi", "uvicorn", "argon2", "alembic"}


def test_every_kind_of_error_has_an_exit_code_with_a_meaning() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OfficinaError)
    ]
    assert {exit_code(kind("x")) for kind in kinds} == set(EXIT_CODES.values())
    assert set(EXIT_CODES.values()) <= set(MEANINGS)


def test_an_error_of_a_group_of_tasks_is_told_like_one(capsys: pytest.CaptureFixture[str]) -> None:
    inner = ExceptionGroup("inner", [errors.Unavailable("nobody listens", place="127.0.0.1:1")])
    with pytest.raises(SystemExit) as ended, told():
        raise ExceptionGroup("tasks", [inner])
    assert ended.value.code == 7
    assert capsys.readouterr().err == "officina: 127.0.0.1:1: nobody listens\n"


def test_a_defect_keeps_its_trace() -> None:
    with pytest.raises(ZeroDivisionError), told():
        raise ZeroDivisionError
    with pytest.raises(ExceptionGroup), told():
        raise ExceptionGroup("tasks", [ZeroDivisionError()])


def test_an_interrupt_ends_with_130() -> None:
    with pytest.raises(SystemExit) as ended, told():
        raise KeyboardInterrupt
    assert ended.value.code == 130


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom officina.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(sorted({n.partition('.')[0] for n in sys.modules}))"
    )
    for option in ("--help", "--version"):
        ran = subprocess.run(
            [sys.executable, "-c", code, option], capture_output=True, text=True, check=True, timeout=60
        )
        loaded = set(ran.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", "))
        assert "typer" in loaded
        assert not loaded & HEAVY


def test_a_word_that_is_no_command_is_a_mistake_of_use(officina: Officina) -> None:
    ran = officina("sevre")
    assert ran.code == 2
    assert "sevre" in ran.err


# --- the demo ----------------------------------------------------------------------------------------------------
@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """A running demo in a folder of its own, with its web and its HL7 port."""
    web, mllp = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OFFICINA_")}
    command = [sys.executable, "-c", "from officina.cli import main; main()", "demo", "--pace", "0.2"]
    process = subprocess.Popen(
        [*command, "--web-port", str(web), "--mllp-port", str(mllp)],
        cwd=tmp_path,
        env={**environment, "COLUMNS": "100", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process, web, mllp
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def until(process: subprocess.Popen[str], wanted: str) -> str:
    """What the process prints up to and including the line that holds `wanted`."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if wanted in line:
            return seen
    raise AssertionError(f"the demo ended without {wanted!r}:\n{seen}")


def test_the_demo_shows_where_to_go_sends_orders_and_stops_on_ctrl_c(
    demo: tuple[subprocess.Popen[str], int, int], tmp_path: Path
) -> None:
    process, web, mllp = demo
    printed = until(process, " AA")
    assert f"http://127.0.0.1:{web}/" in printed
    assert "demo / officina-demo" in printed
    assert f"MLLP on 127.0.0.1:{mllp}" in printed
    assert "waiting for the hub" not in printed
    with closing(urllib.request.urlopen(f"http://127.0.0.1:{web}/", timeout=20)) as page:
        assert page.status == 200
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert (tmp_path / "var" / "demo" / "officina.db").exists()
    for port in (web, mllp):
        socket.create_server(("127.0.0.1", port)).close()


def test_the_demo_names_a_busy_port_its_holder_and_the_setting(
    officina: Officina, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        web = officina("demo", "--web-port", port)
        mllp = officina("demo", "--mllp-port", port)
    assert (web.code, mllp.code) == (7, 7)
    assert f"127.0.0.1:{port}: port {port} is in use by " in web.err
    assert "→ stop it, or change the web port: --web-port or OFFICINA_WEB_PORT" in web.err
    assert "→ stop it, or change the HL7 port: --mllp-port or OFFICINA_DEMO_MLLP_PORT" in mllp.err
    assert not Path("var").exists()


def test_the_demo_deletes_no_database_but_its_own(officina: Officina) -> None:
    ran = officina("demo", "--fresh", "--mllp-port", "0")
    assert ran.code == 5
    assert "only the demo's own database is ever deleted" in ran.err
