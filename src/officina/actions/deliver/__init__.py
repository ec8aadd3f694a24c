"""Delivering: what a connector sends next, what its attempts came to, and what people do with the error queue."""

from officina.actions.deliver.compose import Written, keep, write
from officina.actions.deliver.gone import nothing_to_send, take_out
from officina.actions.deliver.outgoing import Outgoing, Queue, next_outgoing
from officina.actions.deliver.settle import Attempt, Overtaken, Settle, Settled
from officina.actions.deliver.tend import delete, resubmit, resubmit_all

__all__ = [
    "Attempt",
    "Outgoing",
    "Overtaken",
    "Queue",
    "Settle",
    "Settled",
    "Written",
    "delete",
    "keep",
    "next_outgoing",
    "nothing_to_send",
    "resubmit",
    "resubmit_all",
    "take_out",
    "write",
]
