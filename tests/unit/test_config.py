"""Process settings: where they come from, who wins, and that a mistake names the setting but never its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from officina import config
from officina.errors import Invalid


def refused(environment: dict[str, str], **given: object) -> Invalid:
    with pytest.raises(Invalid) as caught:
        config.load(environment, **given)
    return caught.value


def test_without_anything_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = config.load({})
    assert (settings.database_url, settings.web_host, settings.web_port) == (
        "sqlite:///var/officina.db",
        "127.0.0.1",
        8080,
    )


def test_the_caller_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text('web_port = 1\nlog_format = "json"\nstop_seconds = 3\n')
    environment = {"OFFICINA_CONFIG": str(file), "OFFICINA_WEB_PORT": "2", "OFFICINA_STOP_SECONDS": "4"}
    settings = config.load(environment, web_port=5, log_format=None)
    assert (settings.web_port, settings.stop_seconds, settings.log_format) == (5, 4, "json")


def test_officina_toml_in_the_working_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "officina.toml").write_text("web_port = 9\n")
    assert config.load({}).web_port == 9


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:s3cret@db/book\n")
    assert config.load({"OFFICINA_DATABASE_URL_FILE": str(secret)}).database_url == "postgresql://u:s3cret@db/book"
    both = {"OFFICINA_DATABASE_URL_FILE": str(secret), "OFFICINA_DATABASE_URL": "sqlite:///x.db"}
    assert refused(both).place == "OFFICINA_DATABASE_URL"


def test_a_mistake_names_the_setting_as_it_was_written_and_hides_the_value(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text('web_port = "s3cret"\n')
    assert refused({"OFFICINA_CONFIG": str(file)}).place == f"{file}: web_port"
    problem = refused({"OFFICINA_WEB_PORT": "s3cret"})
    assert problem.place == "OFFICINA_WEB_PORT"
    assert "s3cret" not in str(problem)
    assert refused({}, web_port=70000).place == "web_port"


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("web_prot = 1\n", ": web_prot", "did you mean web_port?"),
        ("colour = 1\n", ": colour", "docs/reference/settings.md lists them all"),
        ("= 1\n", "", ""),
    ],
)
def test_a_file_with_a_mistake_is_refused(tmp_path: Path, text: str, place: str, remedy: str) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(text)
    problem = refused({"OFFICINA_CONFIG": str(file)})
    assert (problem.place, problem.remedy) == (f"{file}{place}", remedy)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    for variable in ("OFFICINA_CONFIG", "OFFICINA_DATABASE_URL_FILE"):
        problem = refused({variable: absent})
        assert (problem.place, problem.text) == (
            variable,
            f"the file {absent} cannot be read: No such file or directory",
        )


def test_only_tls_leaves_the_machine_unless_it_is_said_so(tmp_path: Path) -> None:
    problem = refused({"OFFICINA_WEB_HOST": "0.0.0.0"})
    assert (problem.place, problem.text) == (
        "OFFICINA_WEB_HOST",
        "0.0.0.0 is reachable from other machines, and there is no TLS",
    )
    assert config.load({}, web_host="0.0.0.0", web_plain=True).web_host == "0.0.0.0"
    tls = {"web_certificate": str(tmp_path / "c.pem"), "web_key": str(tmp_path / "k.pem")}
    assert config.load({}, web_host="0.0.0.0", **tls).web_key == tmp_path / "k.pem"
    assert refused({}, web_certificate="c.pem").place == "web_key"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/officina.db", Path("var/officina.db")),
        ("sqlite:////srv/officina.db", Path("/srv/officina.db")),
        ("sqlite:///:memory:", None),
        ("postgresql://u:p@db/book", None),
    ],
)
def test_the_file_of_a_database_url(url: str, path: Path | None) -> None:
    assert config.sqlite_path(url) == path


def test_variables_that_look_like_settings_and_are_none() -> None:
    names = ("OFFICINA_WEB_PROT", "OFFICINA_WEB_PORT", "OFFICINA_WEB_PORT_FILE", "OFFICINA_CONFIG", "PATH")
    assert config.unknown_variables(dict.fromkeys(names, "")) == ["OFFICINA_WEB_PROT"]
