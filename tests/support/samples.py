"""Messages of fictional patients, written from the contracts; each test changes only what it is about."""

from __future__ import annotations

from officina.wire.er7 import parse

_RDE_O11 = (
    "MSH|^~\\&|PHARMSYS|SUNRISE|OFFICINA|OAKS|20260714083000-0500||RDE^O11^RDE_O11|MSG00001|P|2.5.1|||AL|NE\r"
    "PID|1||100234^^^SUNRISE^PI~900-88-7777^^^^SS||Marlowe^Edith^J||19380412|F|||12 Elm St^^Springfield^IL^62701\r"
    "PV1|1|I|West^12^A^OAKS||||1457^Harrow^Miles^^^Dr||||||||||||V20260101|||||||||||||||||||||||||20260101093000\r"
    "ORC|NW|PL-77812|RX-55120||CM||||20260714082500|||1457^Harrow^Miles^^^Dr\r"
    "RXE|1^BID&0800,2000^^20260715^20260815|00071015523^Atorvastatin 20 MG Tab^NDC|20||MG|TAB"
    "|Take one tablet \\T\\ a glass of water twice daily|||60|TAB|5|1457^Harrow^Miles||RX-55120\r"
    "NTE|1||Crush if needed; see care plan.\r"
    "TQ1|1|1^TAB|BID|0800,2000|||20260715|20260815|R\r"
    "RXR|PO^Oral^HL70162\r"
)

WORDS = {
    "control_id": "MSH-10",
    "message_type": "MSH-9.1",
    "trigger": "MSH-9.2",
    "sending_facility": "MSH-4",
    "patient_id": "PID-3[1].1",
    "family": "PID-5.1",
    "given": "PID-5.2",
    "born_on": "PID-7",
    "sex": "PID-8",
    "point_of_care": "PV1-3.1",
    "room": "PV1-3.2",
    "bed": "PV1-3.3",
    "facility": "PV1-3.4",
    "visit_number": "PV1-19",
    "control": "ORC-1",
    "placer_number": "ORC-2",
    "filler_number": "ORC-3",
    "prescription_number": "RXE-15",
    "drug_code": "RXE-2.1",
    "drug_text": "RXE-2.2",
    "directions": "RXE-7.1",
    "quantity": "RXE-10",
}


def rde_o11(control_id: str = "MSG00001", **overrides: str) -> bytes:
    """A long-term-care order of about 700 bytes, CR after each segment.

    Override by a word of WORDS (`drug_code="…"`) or by a field path (`**{"PID-5.1": "Okafor"}`).
    """
    message = parse(_RDE_O11.encode())
    for word, value in {"control_id": control_id, **overrides}.items():
        message.set(WORDS.get(word, word), value)
    return message.encode()
