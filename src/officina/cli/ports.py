"""Which ports are free, and who holds one that is not."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from officina.errors import Unavailable


def reason_busy(host: str, port: int) -> str:
    """Why nobody else can listen there now; '' when one can, and for port 0, which is any free one."""
    if port == 0:
        return ""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        return f"{host} is not an address of this machine"
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as reason:
            if reason.errno == errno.EADDRINUSE:
                holder = held_by(port)
                return f"port {port} is in use" + (f" by {holder}" if holder else " by another program")
            return f"port {port} cannot be opened: {reason.strerror}"
    return ""


def require_free(host: str, port: int, setting: str) -> None:
    """Refuse a busy port, naming it and the setting that would change it."""
    reason = reason_busy(host, port)
    if reason:
        raise Unavailable(reason, place=f"{host}:{port}", remedy=f"stop it, or change {setting}", code="port_busy")


def free(host: str, port: int) -> int:
    """This port if nobody has it, else any that is free at this moment."""
    return any_free(host) if reason_busy(host, port) else port


def any_free(host: str) -> int:
    """A port that is free at this moment."""
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


def held_by(port: int) -> str:
    """Program and process id that listen on a port, as far as this user may see (Linux); '' if unknown."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listening(Path("/proc/net") / table, port)}
    if not inodes:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = {os.readlink(link) for link in (process / "fd").iterdir()}
            if links & {f"socket:[{inode}]" for inode in inodes}:
                return f"{_program(process)} (process {process.name})"
        except OSError:
            continue
    return ""


def _program(process: Path) -> str:
    """``officina`` for a hub, whatever interpreter runs it; else the program's own name."""
    started_as = (process / "cmdline").read_bytes().split(b"\0")[:2]
    if any(word.rpartition(b"/")[2] == b"officina" for word in started_as):
        return "officina"
    return (process / "comm").read_text().strip()


def _listening(table: Path, port: int) -> list[str]:
    """Inodes of the listening sockets of a port, from a table of proc(5)."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return []
    rows = [line.split() for line in lines]
    return [row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port]
