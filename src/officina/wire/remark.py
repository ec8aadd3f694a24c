"""What a reader noticed about a message without refusing it. Knows no segment and no rule."""

from __future__ import annotations

from typing import NamedTuple


class Remark(NamedTuple):
    """One oddity: ``path`` where ("MSH-2", "BTS-1", "NTE[2]"), ``code`` a stable word, ``text`` plain words.

    The text never repeats a patient's value.
    """

    path: str
    code: str
    text: str
