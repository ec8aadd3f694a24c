"""`serve` as a process: it follows what another process applies, says what it does, and ends well."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.support.ports import free_port

from officina.app import _bound
from officina.config import Settings

PROGRAM = [sys.executable, "-c", "from officina.cli import main; main()"]
SITE = """
[[place]]
code = "OAK"
kind = "organisation"
name = "Oak Care"

[[connector]]
name = "care-pharmacy"
kind = "mllp_listener"
[connector.settings]
port = {port}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFICINA_")}
    return {**kept, "OFFICINA_WEB_PORT": "0", "OFFICINA_DATABASE_URL": f"sqlite:///{tmp_path}/officina.db"}


@pytest.fixture
def hub(tmp_path: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*PROGRAM, "serve"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def line(process: subprocess.Popen[str], wanted: str) -> str:
    """The next line of the log that holds `wanted`; fails when the log ends before."""
    assert process.stderr is not None
    return next(each for each in process.stderr if wanted in each)


def test_a_running_hub_follows_what_is_applied_beside_it(
    hub: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path
) -> None:
    assert "Listening on http://127.0.0.1:" in line(hub, "Listening on http")
    first, second = free_port(), free_port()
    for port in (first, second):
        command = [*PROGRAM, "apply", "-"]
        site = SITE.format(port=port)
        subprocess.run(command, cwd=tmp_path, env=environment, input=site, text=True, check=True, timeout=60)
        assert line(hub, f"Listening on 127.0.0.1:{port}.")
        socket.create_connection(("127.0.0.1", port), 20).close()
    hub.send_signal(signal.SIGTERM)
    assert line(hub, "Service stopped.")
    assert hub.wait(30) == 0


def test_a_renewed_certificate_of_the_web_port_holds_without_restart(
    environment: dict[str, str], tmp_path: Path
) -> None:
    def issue() -> bytes:
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
        return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())

    def shown() -> bytes:
        return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=20))

    authority, port = trustme.CA(), free_port()
    first = issue()
    files = {
        "OFFICINA_WEB_CERTIFICATE": str(tmp_path / "certificate.pem"),
        "OFFICINA_WEB_KEY": str(tmp_path / "key.pem"),
    }
    with subprocess.Popen(
        [*PROGRAM, "serve"],
        cwd=tmp_path,
        env={**environment, **files, "OFFICINA_WEB_PORT": str(port)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert "Listening on https://" in line(process, "Listening on http")
            assert shown() == first
            (tmp_path / "certificate.pem").write_text("half written")
            assert line(process, "The renewed certificate of the web port cannot be used")
            assert shown() == first
            second = issue()
            assert line(process, "The web port shows its renewed certificate.")
            assert shown() == second
        finally:
            process.send_signal(signal.SIGTERM)


def test_the_web_port_is_open_before_the_connectors_are() -> None:
    """A partner that is answered may be followed at once to the screens, which take their time to start."""
    port = free_port()
    with _bound(Settings(web_port=port)):
        socket.create_connection(("127.0.0.1", port), 20).close()


def test_a_busy_web_port_is_told_with_its_setting(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        command = [*PROGRAM, "serve"]
        busy = {**environment, "OFFICINA_WEB_PORT": port}
        ran = subprocess.run(command, cwd=tmp_path, env=busy, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 7
    assert port in ran.stderr
    assert "OFFICINA_WEB_PORT" in ran.stderr
    assert "Traceback" not in ran.stderr
