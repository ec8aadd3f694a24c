"""Delivering: what a connector sends next, what its attempts came to, and what people do with the error queue."""

from officina.actions.deliver.gone import nothing_to_send, set_aside
from officina.actions.deliver.outgoing import Outgoing, next_outgoing
from officina.actions.deliver.settle import Attempt, Settle, Settled
from officina.actions.deliver.tend import delete, resubmit, resubmit_all

__all__ = [
    "Attempt",
    "Outgoing",
    "Settle",
    "Settled",
    "delete",
    "next_outgoing",
    "nothing_to_send",
    "resubmit",
    "resubmit_all",
    "set_aside",
]
