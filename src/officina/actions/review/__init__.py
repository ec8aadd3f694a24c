"""Reviewing: what nurses decide about their pharmacy's orders, and what that makes of a resident's list."""

from officina.actions.review.decide import Asked, assign, decide
from officina.actions.review.undo import undo

__all__ = ["Asked", "assign", "decide", "undo"]
