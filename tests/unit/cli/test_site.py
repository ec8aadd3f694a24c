"""`migrate`, `apply`, `diff`, `export`, `check`: what they print and how they end."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from tests.unit.cli.conftest import Officina

SITE = """
[[place]]
code = "OAK"
kind = "organisation"
name = "Oak Care"

[[place]]
code = "OAK01"
kind = "facility"
name = "Oak House"
parent = "OAK"

[[code_map]]
code = "OAK01"
place = "OAK01"

[[connector]]
name = "care-pharmacy"
kind = "mllp_listener"
[connector.settings]
port = 0
"""


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


def test_migrate_creates_the_database_and_says_so(officina: Officina) -> None:
    assert officina("migrate").out.startswith("The schema is at revision ")
    assert officina("migrate").out.endswith("already.\n")


def test_migrate_creates_the_folder_for_its_owner_alone(
    officina: Officina, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICINA_DATABASE_URL", f"sqlite:///{tmp_path}/var/deep/officina.db")
    assert officina("migrate").code == 0
    assert (tmp_path / "var" / "deep").stat().st_mode & 0o077 == 0


def test_a_database_without_a_schema_is_refused_with_the_way_out(officina: Officina, site_file: Path) -> None:
    ran = officina("apply", str(site_file))
    assert (ran.code, ran.out) == (3, "")
    assert "has no schema yet" in ran.err
    assert "→ run: officina migrate" in ran.err


def test_diff_shows_apply_does_and_export_returns_it(officina: Officina, site_file: Path) -> None:
    officina("migrate")
    before = officina("diff", str(site_file))
    assert (before.code, before.out.splitlines()[-1]) == (8, "4 added.")
    applied = officina("apply", str(site_file))
    assert (applied.code, applied.out) == (0, before.out)
    assert officina("diff", str(site_file)).out == "no change.\n"
    exported = officina("export")
    assert 'name = "Oak House"' in exported.out
    assert officina("diff", "-", "--prune", given=exported.out.encode()).code == 0
    officina("export", "out.toml")
    assert Path("out.toml").read_text() == exported.out


def test_every_mistake_in_a_site_file_is_told_with_its_place(officina: Officina, site_file: Path) -> None:
    officina("migrate")
    wrong = SITE.replace('parent = "OAK"', 'parent = "ELM"').replace("port = 0", "port = 70000")
    ran = officina("apply", "-", given=wrong.encode())
    assert ran.code == 3
    assert ran.err.splitlines() == [
        "officina: place[2].parent: there is no place ELM",
        "officina: connector[1].settings.port: input should be less than or equal to 65535",
        "  → docs/reference/connectors.md has the settings of mllp_listener",
    ]
    assert officina("export").out == ""


def test_a_file_that_is_not_there_is_not_found(officina: Officina) -> None:
    officina("migrate")
    ran = officina("apply", "absent.toml")
    assert (ran.code, ran.err) == (4, "officina: absent.toml: cannot be read: No such file or directory\n")


def test_a_setting_that_is_wrong_is_named_as_it_was_written(
    officina: Officina, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICINA_CONFIG", "")  # what --config sets is taken back with it
    (tmp_path / "hub.toml").write_text("web_prot = 1\n")
    ran = officina("--config", str(tmp_path / "hub.toml"), "migrate")
    assert (ran.code, ran.err.splitlines()) == (
        3,
        [f"officina: {tmp_path}/hub.toml: web_prot: is not a setting", "  → did you mean web_port?"],
    )
    monkeypatch.delenv("OFFICINA_CONFIG")
    monkeypatch.setenv("OFFICINA_WEB_PORT", "eighty")
    assert officina("migrate").err.startswith("officina: OFFICINA_WEB_PORT: ")


def test_check_finds_a_missing_database(officina: Officina) -> None:
    ran = officina("check")
    assert ran.code == 8
    assert "✗ database:" in ran.out
    assert "→ run: officina migrate" in ran.out


def test_check_of_a_sound_site_ends_well(officina: Officina, site_file: Path) -> None:
    officina("migrate")
    officina("apply", str(site_file))
    ran = officina("check")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "All is well.")
    assert "✓ site: holds together (2 places, 1 connectors)" in ran.out


def test_check_of_a_file_says_what_applying_it_would_do(officina: Officina, site_file: Path) -> None:
    officina("migrate")
    assert "applying it: 4 added" in officina("check", str(site_file)).out
    site_file.write_text(SITE.replace('place = "OAK01"', 'place = "ELM"'))
    ran = officina("check", str(site_file))
    assert ran.code == 8
    assert "✗ code_map[1].place: there is no place ELM" in ran.out


def test_check_names_who_holds_a_port(officina: Officina, site_file: Path) -> None:
    officina("migrate")
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ran = officina("check", "-", given=SITE.replace("port = 0", f"port = {port}").encode())
    assert ran.code == 8
    assert f"✗ connector care-pharmacy (settings.port): 127.0.0.1: port {port} is in use by " in ran.out


HOLDER = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as holder:
    print(holder.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def test_check_names_a_hub_that_holds_a_port_and_does_not_call_that_all(officina: Officina, tmp_path: Path) -> None:
    officina("migrate")
    program = tmp_path / "officina"  # by this name a hub is known
    program.write_text(HOLDER)
    with subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        port = int(hub.stdout.readline())
        ran = officina("check", "-", given=SITE.replace("port = 0", f"port = {port}").encode())
        hub.communicate()
    assert ran.code == 0
    text = f"127.0.0.1: port {port} is in use by officina (process {hub.pid})"
    assert f"! connector care-pharmacy (settings.port): {text}\n  → fine if that is this hub" in ran.out
    assert ran.out.splitlines()[-1] == "All is well, with 1 thing to look at."


def test_check_notes_what_leaves_the_machine_in_the_clear(officina: Officina) -> None:
    officina("migrate")
    ran = officina("check", "-", given=SITE.replace("port = 0", 'port = 0\nhost = "0.0.0.0"').encode())
    assert ran.code == 0
    assert (
        "! connector care-pharmacy (settings.host): 0.0.0.0 is reachable from other machines, and there is no TLS\n"
        "  → set tls, unless the network is closed\n"
    ) in ran.out
    assert ran.out.splitlines()[-1] == "All is well, with 1 thing to look at."


def test_check_finds_a_connector_on_the_web_port(officina: Officina, monkeypatch: pytest.MonkeyPatch) -> None:
    officina("migrate")
    monkeypatch.setenv("OFFICINA_WEB_PORT", "8080")
    ran = officina("check", "-", given=SITE.replace("port = 0", "port = 8080").encode())
    assert ran.code == 8
    assert "✗ connector care-pharmacy (settings.port): 127.0.0.1:8080 is the web port (web_port)\n" in ran.out


def test_check_reads_certificates_and_their_expiry(officina: Officina, tmp_path: Path) -> None:
    officina("migrate")
    authority = trustme.CA()
    now = datetime.now(UTC)
    names = {
        "gone": now - timedelta(days=1),
        "soon": now + timedelta(days=9, hours=1),
        "fine": now + timedelta(days=99),
    }
    for name, until in names.items():
        issued = authority.issue_cert("localhost", not_after=until)
        issued.private_key_pem.write_to_path(tmp_path / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
    site = SITE.replace("[connector.settings]\nport = 0\n", "")
    tls = "".join(
        f'[[connector]]\nname = "{name}"\nkind = "mllp_listener"\n[connector.settings]\nport = 0\n'
        f'tls = {{ certificate = "{tmp_path}/{name}.pem", key = "{tmp_path}/{name}.key" }}\n'
        for name in names
    )
    ran = officina("check", "-", given=(site + tls).encode())
    assert ran.code == 8
    assert f"✗ connector gone: settings.tls.certificate: {tmp_path}/gone.pem expired on " in ran.out
    assert f"! connector soon: settings.tls.certificate: {tmp_path}/soon.pem expires on " in ran.out
    assert f"✓ connector fine: settings.tls.certificate: {tmp_path}/fine.pem is valid until " in ran.out
    assert f"✓ connector fine: settings.tls.key: {tmp_path}/fine.key is a readable private key" in ran.out
    (tmp_path / "fine.pem").unlink()
    assert (
        "fine.pem cannot be read: No such file or directory" in officina("check", "-", given=(site + tls).encode()).out
    )


def test_check_warns_of_variables_that_are_no_settings(officina: Officina, monkeypatch: pytest.MonkeyPatch) -> None:
    officina("migrate")
    monkeypatch.setenv("OFFICINA_WEB_PROT", "1")
    ran = officina("check")
    assert ran.code == 0
    assert "! OFFICINA_WEB_PROT: is set, but is not a setting" in ran.out
    assert ran.out.splitlines()[-1] == "All is well, with 1 thing to look at."


def test_check_notes_a_secret_that_is_not_in_the_environment(
    officina: Officina, monkeypatch: pytest.MonkeyPatch
) -> None:
    officina("migrate")
    hook = '[[notify]]\nname = "on call"\nkind = "webhook"\n'
    hook += 'settings = { url = "https://h.example", secret_env = "HOOK" }\n'
    ran = officina("check", "-", given=hook.encode())
    assert ran.code == 0
    assert "! notify on call (settings.secret_env): the environment variable HOOK is not set here" in ran.out
    monkeypatch.setenv("HOOK", "between us")
    assert "HOOK" not in officina("check", "-", given=hook.encode()).out
