"""Who must do what about a message that had no effect, by its reason, else by its state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from officina.workflow.intake import may_go_again

_KEPT: Final = "Nothing is lost, and the sender need not repeat it."
_TOLD: Final = "The sender was told the reason."
_SITE: Final = "whoever runs this site"
_AGAIN: Final = "then process the message again"
_ASK: Final = "Ask the sender, who can send it corrected, whose order it is; never guess:"
_SHOW: Final = "Show these bytes to whoever runs the sending system:"

_BY_REASON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "facility_unknown": f"{_KEPT} {_SITE.capitalize()} maps the code to a facility in Settings; {_AGAIN}.",
        "facility_missing": f"{_KEPT} {_SITE.capitalize()} gives the connector a facility; {_AGAIN}.",
        "type_refused": f"{_TOLD} If this type is to be taken, {_SITE} adds it to the profile; {_AGAIN}."
        " If not, the sender should stop sending it.",
        "control_refused": f"{_TOLD} If this order control is to be taken, {_SITE} allows it in the profile; {_AGAIN}."
        " If not, the sender should stop sending it.",
        "control_missing": f"{_TOLD} It must send it anew, with an order control in ORC-1.",
        "control_unknown": f"{_TOLD} It must send it anew, with an order control of HL7 table 0119 in ORC-1.",
        "no_patient_identifier": f"{_TOLD} It must send it anew, with an identifier of the patient in PID-3."
        f" If that stands in another field, {_SITE} names the field in the profile; {_AGAIN}.",
        "several_patients": f"{_TOLD} It must send the orders of each patient in a message of their own.",
        "patient_differs": f"{_ASK} name and birth date are not those of the patient with this number.",
        "patient_uncertain": f"{_ASK} its numbers are other patients', or contradict each other.",
        "processing_refused": f"{_TOLD} It is for training or debugging, as MSH-11 says; real orders have P there.",
        "no_pharmacy_order": f"{_TOLD} An order has an ORC segment; what is no order need not be sent.",
        "too_long": f"{_TOLD} It must send less at once, or {_SITE} raises max_message_bytes of the connector;"
        " then the sender must send it anew.",
        "no_match": f"If this is a partner, {_SITE} gives its connector the names in MSH-3 to MSH-6; {_AGAIN}.",
        "not_allowed": f"If this is a partner, {_SITE} adds its address to allow_from of the connector; {_AGAIN}.",
        "outside_frame": f"{_SHOW} they stood outside any MLLP frame.",
        "end_missing": f"{_SHOW} their MLLP frame never ended.",
    }
)
_BY_STATE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "parked": f"{_KEPT} Once the cause is removed, process the message again.",
        "failed": "The sender was told to send it again. If it does not, process the message again here."
        f" If it fails once more, tell {_SITE} the time, which finds it in the log.",
        "rejected": f"{_TOLD} It must send it anew, corrected. If the profile is what is wrong, {_SITE} changes it;"
        f" {_AGAIN}.",
        "unreadable": f"{_SHOW} a message begins with an MSH segment.",
    }
)


def remedy(state: str, reason: str) -> str:
    """What to do about a message, and who; "" where nobody need do anything."""
    return _BY_REASON.get(reason, _BY_STATE[state]) if state in _BY_STATE else ""


def offers_again(state: str, reason: str) -> bool:
    """Whether processing it again is worth offering: no setting makes a message of bytes that have no MSH."""
    return may_go_again(state, reason) and state != "unreadable"
