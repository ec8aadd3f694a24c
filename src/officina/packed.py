"""Short forms of the two texts of which a book mostly consists: messages, and the facts of orders.

DEFLATE (RFC 1951) with a preset dictionary: short texts hold too few repetitions of their own to get much shorter, but
they all resemble each other. The first byte says how the rest is packed, so what was ever written stays readable:
dictionaries are never changed, a better one gets a number of its own. See docs/adr/0005-packed-bodies.md.
"""

from __future__ import annotations

import zlib
from enum import IntEnum
from typing import Final, NewType

Packed = NewType("Packed", bytes)

LONGEST: Final = 256 * 1024  # bytes; what is longer is mostly base64 and would keep its sender waiting
_LEVEL, _MEMORY, _WINDOW = 2, 5, -13  # no header; 8 kB hold the dictionary and most messages
_ANY_WINDOW = -15


class Like(IntEnum):
    """What a text resembles; the number is its first byte when packed."""

    MESSAGE = 1
    FACTS = 2


_PLAIN: Final = b"\x00"
_DICTIONARIES: Final = {
    Like.MESSAGE: (
        b"FHS|^~\\&|BHS|^~\\&|BTS|FTS|1\r"
        b"MSH|^~\\&|LAB|HOSPITAL|||20260101000000||ORU^R01|1|P|2.3\rOBR|1|||\rOBX|1|ST|||||||||F\rNTE|1|L|\r"
        b"MSH|^~\\&|ADT|HOSPITAL|HUB|PHARMACY|20260101000000||ADT^A01^ADT_A01|1|P|2.4\rEVN|A08|20260101000000\r"
        b"PD1||||NK1|1|^^^^^PRN^PH|AL1|1|DA|^PENICILLIN|SV|DG1|1|ICD10||E11.9^Type 2 diabetes mellitus^I10\r"
        b"IN1|1|MEDICARE|GT1|1|ZRX|1|ZPM|\r"
        b"ORM^O01^ORM_O01|RXO|OMP^O09^OMP_O09|RDS^O13^RDS_O13|RXD|1|RXC|B|RXG|\r"
        b'|DC|XO|RF|CA|HD|RL|SC|CM|""|^^^^^^^|L|M|F|U|D|R|S|A|N|Y|I|O|E|P\r'
        b"metoprolol tartrate 25 mg|atorvastatin 20 mg|levothyroxine 50 mcg|furosemide 40 mg|warfarin 5 mg|"
        b"insulin glargine 100 units/mL|acetaminophen 325 mg|TAKE 1 TABLET BY MOUTH EVERY DAY|TAKE ONE CAPSULE BY "
        b"MOUTH AT BEDTIME|GIVE 2 TABLETS BY MOUTH EVERY 6 HOURS AS NEEDED FOR PAIN|Inject 10 units subcutaneously|"
        b"Apply to affected area|1 drop in both eyes|"
        b"Q6H|Q8H|Q12H|TID|QID|QHS|QAM|PRN|STAT|W^Mon,Tue,Wed,Thu,Fri,Sat,Sun|M^1,15|CAP|CREAM|INJ|SOLN|ML|MG|MCG|EA|"
        b"PO^Oral|IV|IM|SC|TOP|OPHTH|08:00,12:00,16:00,20:00|09:00,17:00,21:00|\r"
        b"MSH|^~\\&|PHARMACY|HOME01|EHR|FACILITY|20260301080000||RDE^O11^RDE_O11|100001|P|2.5.1||||||UNICODE UTF-8\r"
        b"PID|1||100200^^^FACILITY^PI~123-45-6789^^^SSA^SS||Smith^Mary^Ann||19400229|F|||1 Main Street^^Springfield^MA^"
        b"01101||555-0101\r"
        b"PV1|1|I|West^204^B^HOME01||||1234567890^Jones^Robert^^^^MD||||||||||||1000|||||||||||||||||||||||||20260101\r"
        b"ORC|NW|10001|20002||||||20260301075900|||1234567890^Jones^Robert^^^^MD\r"
        b"RXE|QD&09:00|00093-1048-01^lisinopril 10 MG Oral Tablet^NDC|1||MG|TAB|Take 1 tablet by mouth once daily|||30|"
        b"TAB|3|||7001001\r"
        b"TQ1|1|1^TAB|Q1D|09:00|||20260301|20260401|R\r"
        b"RXR|PO\r"
    ),
    Like.FACTS: (
        b'{"order_status":"CM","order_type":"O","group_number":"1","strength":"10","strength_units":"MG","dose_max":"2",'
        b'"indication":"pain","refills_remaining":"2","effective_at":"2026-01-01","dispensed_code":"","dispensed_text":"'
        b'","dispensed_quantity":"30","dispensed_units":"TAB","dispensed_at":"2026-","dispense_number":"1","notes":[""],'
        b'"components":[{"type":"B","code":"","text":"","amount":"1","units":"MG"}],"weekdays":["mon","tue","wed","thu",'
        b'"fri","sat","sun"],"month_days":[1,15],"every_weeks":1,"duration":"D10","occurrences":"","prn":true,'
        b"atorvastatin 20 mg furosemide 40 mg levothyroxine 50 mcg acetaminophen 325 mg "
        b"TAKE 1 TABLET BY MOUTH EVERY DAY AT BEDTIME GIVE 2 TABLETS EVERY 6 HOURS AS NEEDED FOR PAIN Oral capsule "
        b'{"placer_number":"P10001","filler_number":"F20002","entered_at":"2026-03-01T07:59:00+00:00",'
        b'"prescription_number":"7001001","form":"TAB","directions":"Take 1 tablet by mouth once daily",'
        b'"refills":"3","drug_code":"00093-1048-01","drug_text":"lisinopril 10 MG Oral Tablet","drug_system":"NDC",'
        b'"dose":"1","dose_units":"MG","quantity":"30","quantity_units":"TAB","prescriber_id":"1234567890",'
        b'"prescriber":"Jones, Robert","start_at":"2026-03-01T00:00:00-05:00","stop_at":"2026-04-01T00:00:00-05:00",'
        b'"priority":"R","route":"PO","control":"NW","timings":[{"code":"QD","times":["09:00"],"every_days":1,'
        b'"dose":"1","dose_units":"TAB","priority":"R","text":""}]}'
    ),
}
_READY: Final = {
    like: zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, dictionary)
    for like, dictionary in _DICTIONARIES.items()
}


def pack(content: bytes, like: Like) -> Packed:
    """The short form; the content with one byte before it where that is not shorter."""
    if 0 < len(content) <= LONGEST:
        deflate = _READY[like].copy()
        short = deflate.compress(content) + deflate.flush()
        if len(short) < len(content):
            return Packed(bytes((like,)) + short)
    return Packed(_PLAIN + content)


def unpack(packed: Packed) -> bytes:
    """What was packed. Raises ValueError for bytes that `pack` never made."""
    if packed[:1] == _PLAIN:
        return packed[1:]
    try:
        inflate = zlib.decompressobj(_ANY_WINDOW, _DICTIONARIES[Like(packed[0])])
        return inflate.decompress(packed[1:]) + inflate.flush()
    except (IndexError, ValueError, zlib.error) as error:
        raise ValueError("these bytes are not packed as this version of Officina packs") from error
