"""Processing a stored message again, once a person has removed the cause: mapped a code, changed a profile."""

from __future__ import annotations

from collections.abc import Sequence

from officina.actions.receive.book import Book
from officina.actions.receive.keep import Kept, keep_again
from officina.actions.receive.reading import Reading
from officina.errors import Conflict, Gone, NotFound
from officina.outbound.subscription import Subscription
from officina.store import Tx, messages, retention
from officina.workflow.intake import may_go_again

SAYS_NOTHING = "what this message said is no longer kept"


def process_again(
    tx: Tx, message_id: int, reading: Reading, subscriptions: Sequence[Subscription], *, actor: str
) -> Kept:
    """Have the message take effect as it is read now; its sender has been answered and hears nothing.

    One event ``message.processed_again``, beside those of its orders. Raises NotFound; Gone; Conflict for a message
    whose effect stands, or that is not whole.
    """
    row = messages.get(tx, message_id)
    if row is None:
        raise NotFound("there is no such message", place="message_id")
    if not may_go_again(row.state, row.reason):
        raise Conflict(
            f"a message that is {row.state}{f' ({row.reason})' if row.reason else ''} cannot be processed again",
            place="message_id",
            remedy="only whole messages that had no effect can",
        )
    if not retention.with_body(tx, [message_id]):  # pruned since it was read: what would be sent on is not there
        raise Gone(SAYS_NOTHING, place="message_id", remedy="have its sender send it again")
    book = Book(tx, [reading])
    kept = keep_again(book, reading, row, subscriptions, actor)
    book.write()
    return kept
