"""Single keys from a terminal, without Enter; nothing where there is none."""

from __future__ import annotations

import select
import sys
import time
from types import TracebackType
from typing import Any, Self


class Keys:
    """The terminal gives each key at once while this lasts."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        try:
            import termios
            import tty
        except ImportError:  # Windows has none: there it ends with Ctrl-C
            return self
        if sys.stdin.isatty():
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def quit_within(self, seconds: float) -> bool:
        """Whether q was pressed within this time; any other key ends the wait."""
        if self._before is None:
            time.sleep(seconds)
            return False
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        return bool(ready) and sys.stdin.read(1) in ("q", "Q", "")
