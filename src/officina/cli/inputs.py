"""The files a command reads messages from."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path


def contents(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, of all files below a folder but hidden ones, and of standard input for ``-``."""
    from officina.connectors.mllp_sender.send import files
    from officina.errors import NotFound

    for path in paths:
        if str(path) == "-":
            yield "standard input", sys.stdin.buffer.read()
            continue
        for file in files(path):
            try:
                yield str(file), file.read_bytes()
            except OSError as reason:
                raise NotFound(f"cannot be read: {reason.strerror}", place=str(file)) from None
