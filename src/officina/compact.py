"""Compact JSON: the one way in which the book keeps what has no column of its own.

Text that came over the wire may hold lone surrogates (bytes that no character set explains); the fast encoder refuses
them, so those few values take the slow one.
"""

from __future__ import annotations

import json

import orjson


def dumps(value: object) -> str:
    """JSON without blanks, in the order of its keys."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(value: object) -> bytes:
    """The same as UTF-8; what no character set explains is marked as lost."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return dumps(value).encode("utf-8", "replace")


def canonical(value: object) -> bytes:
    """The same bytes for equal values: keys sorted, UTF-8."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return text.encode("utf-8", "surrogatepass")
