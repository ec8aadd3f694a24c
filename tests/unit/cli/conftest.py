"""Running the command line in this process, in a folder of its own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from officina.cli import main


class Ran(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


Officina = Callable[..., Ran]


class _Input(io.TextIOWrapper):
    def __init__(self, given: bytes) -> None:
        super().__init__(io.BytesIO(given), encoding="utf-8")


@pytest.fixture
def officina(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Officina:
    """``officina("apply", "site.toml", given=b"…")``: the program's exit code and what it printed."""
    for name in list(os.environ):
        if name.startswith("OFFICINA_") and name != "OFFICINA_CORPORA":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFICINA_DATABASE_URL", f"sqlite:///{tmp_path}/officina.db")
    monkeypatch.setenv("OFFICINA_WEB_PORT", "0")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, given: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["officina", *arguments])
        monkeypatch.setattr(sys, "stdin", _Input(given))
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run
