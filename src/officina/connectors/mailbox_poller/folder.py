"""A folder as a mailbox: the partner writes files into it, or something it mounts does."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from officina.connectors.mailbox_poller.settings import PollerSettings
from officina.connectors.port import Item
from officina.errors import Unavailable

DONE: Final = ".done"
ANSWER: Final = ".ack"
_REMEDIES: Final = {
    errno.ENOENT: "make or mount it, or correct location",
    errno.EACCES: "give the hub's user the right to it",
    errno.EXDEV: "name a folder on the same disk in move_to",
}
_MARKED: Final = re.compile(r"\.done(\.[0-9]+)?\Z")


class Folder:
    """Implements `officina.connectors.port.Mailbox`. Only plain files count: a link could lead anywhere."""

    def __init__(self, settings: PollerSettings) -> None:
        self._settings = settings
        self._path = Path(settings.location)

    @property
    def address(self) -> str:
        return str(self._path)

    def look(self) -> list[Item]:
        """The oldest file first."""
        with _told("the folder cannot be read"):
            found = sorted(self._files())
        if not os.access(self._path, os.W_OK | os.X_OK):  # said before something is taken that could not be moved
            raise Unavailable("the hub may not change the folder", remedy=f"give its user the right to {self._path}")
        return [Item(name, mark, settled=False) for _, name, mark in found]

    def fetch(self, item: Item) -> list[bytes]:
        path, most = self._path / item.name, self._settings.max_bytes
        try:
            with _told("a file cannot be read"), path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size > most:
                    raise Unavailable(
                        f"a file of {size} bytes is larger than {most}", remedy="raise max_bytes, or take it away"
                    )
                raw = file.read(most + 1)
                return [raw] if _mark(os.fstat(file.fileno())) == item.mark else []
        except FileNotFoundError:
            return []

    def answer(self, item: Item, answers: Sequence[bytes]) -> None:
        """As a file of the same name and .ack, there as a whole or not at all."""
        if not self._settings.answers_to or not answers:
            return
        with _told("the answers cannot be written"):
            folder = self._path / self._settings.answers_to
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = folder / f".{item.name}{ANSWER}"
            unfinished.write_bytes(b"".join(answers))
            unfinished.replace(folder / f"{item.name}{ANSWER}")

    def finish(self, item: Item) -> None:
        """A file that has grown since it was read stays, to be read again."""
        path = self._path / item.name
        try:
            with _told("a file that was taken cannot be moved or deleted"):
                if _mark(path.stat()) != item.mark:
                    return
                match self._settings.after:
                    case "delete":
                        path.unlink()
                    case "mark":
                        path.rename(_unused(path.with_name(path.name + DONE)))
                    case "move":
                        target = self._path / self._settings.move_to
                        target.mkdir(parents=True, exist_ok=True)
                        path.rename(_unused(target / path.name))
        except FileNotFoundError:
            return

    def close(self) -> None:
        pass

    def _files(self) -> Iterator[tuple[int, str, str]]:
        marks = self._settings.after == "mark"
        with os.scandir(self._path) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or (marks and _MARKED.search(name)) or not self._settings.wants(name):
                    continue
                try:
                    if entry.is_file(follow_symlinks=False):
                        stat = entry.stat(follow_symlinks=False)
                        yield stat.st_mtime_ns, name, _mark(stat)
                except FileNotFoundError:  # it has just been taken away
                    continue


def _mark(stat: os.stat_result) -> str:
    return f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"


def _unused(path: Path) -> Path:
    """This name, or one like it: a partner that uses a name again must not lose what came under it before."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}.{number}")
    return found


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and what.startswith("a file"):
            raise
        reason = error.strerror or type(error).__name__
        raise Unavailable(f"{what}: {reason}", remedy=_REMEDIES.get(error.errno or 0, "")) from error
