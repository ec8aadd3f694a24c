"""Every stored word has its label."""

from __future__ import annotations

import re
from typing import get_args

from officina.web import labels
from officina.web.assets import FOLDER
from officina.workflow.delivery import DeliveryState, Result
from officina.workflow.intake import MessageState
from officina.workflow.order_status import STATUSES


def test_every_state_of_messages_and_orders_is_labelled() -> None:
    assert set(labels.MESSAGE_STATES) == {*get_args(MessageState), "outgoing"}
    assert set(labels.ORDER_STATUSES) == set(STATUSES)
    assert set(labels.DELIVERY_STATES) == set(get_args(DeliveryState))
    assert set(labels.ATTEMPT_RESULTS) == set(get_args(Result))


def test_labels_use_the_six_statuses_and_each_has_glyph_and_colour() -> None:
    tables = (
        labels.MESSAGE_STATES,
        labels.ORDER_STATUSES,
        labels.DELIVERY_STATES,
        labels.CONNECTOR_STATES,
        labels.ATTEMPT_RESULTS,
        labels.SEVERITIES,
        labels.ACKNOWLEDGEMENTS,
    )
    assert {shown.status for table in tables for shown in table.values()} <= set(labels.STATUSES)
    glyphs, tokens = (FOLDER / name for name in ("glyphs.svg", "css/tokens.css"))
    assert set(labels.STATUSES) <= set(re.findall(r'id="(\w+)"', glyphs.read_text()))
    assert set(labels.STATUSES) == set(re.findall(r"\.s-(\w+) \{", tokens.read_text()))


def test_an_unknown_word_is_shown_as_it_is() -> None:
    assert labels.label("message", "half_done") == ("inactive", "Half done", "")
    assert labels.reason("facility_unknown") == "facility code not known"
    assert labels.reason("brand_new") == "brand new"
