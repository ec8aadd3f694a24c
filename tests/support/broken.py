"""A defect of ours, for tests of what becomes of the message that meets it."""

from __future__ import annotations

from officina.message.route import Routed

CANARY = "Zzyzxcanary"


class BrokenRoutes(dict[str, Routed]):
    """Routes that fail, with words that no log may repeat."""

    def get(self, code: str, default: object = None) -> object:  # type: ignore[override]
        raise ValueError(f"{CANARY} at {code}")
