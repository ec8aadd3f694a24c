"""Reading how much came and went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from officina.store import traffic
from officina.workflow.traffic import Counts, bucket

if TYPE_CHECKING:
    from officina.store import Tx

Counted = Mapping[int, Mapping[int, Counts]]  # connector → when a bucket begins → its counts


def counted(tx: Tx, since: int, until: int) -> Counted:
    """What was counted between two instants; of the bucket that holds ``since``, all of it."""
    found: dict[int, dict[int, Counts]] = {}
    for row in traffic.between(tx, bucket(since), until):
        found.setdefault(row.connector_id, {})[row.begins_at] = Counts(*row[2:])
    return found
