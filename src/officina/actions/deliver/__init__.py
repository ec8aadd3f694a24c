"""Delivering: what a connector sends next, what its attempts came to, and what people do with the error queue."""

from officina.actions.deliver.outgoing import Outgoing, next_outgoing
from officina.actions.deliver.settle import Attempt, Overtaken, Settle, Settled
from officina.actions.deliver.tend import delete, resubmit, resubmit_all

__all__ = [
    "Attempt",
    "Outgoing",
    "Overtaken",
    "Settle",
    "Settled",
    "delete",
    "next_outgoing",
    "resubmit",
    "resubmit_all",
]
