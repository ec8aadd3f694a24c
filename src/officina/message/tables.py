"""HL7 tables the intake needs to tell a known word from an unknown one."""

from __future__ import annotations

# Table 0119, order control codes, HL7 2.1 to 2.8 together.
_CONTROLS = """
    AF CA CH CN CP CR DC DE DF DR FU HD HR IN LI MC NA NR NW OC OD OE OF OH OK OP OR PA PR PY RE RF RL RO RP RQ RR RU
    SC SN SQ SR SS UA UC UD UF UH UM UN UR UX XO XR XX
"""
ORDER_CONTROL = frozenset(_CONTROLS.split())

# Table 0103, processing ids: production, training, debugging.
PROCESSING_ID = ("P", "T", "D")

# Table 0203, identifier types that patients carry.
_TYPES = """
    AC ACSN AM AN ANON ANT APRN BC BCT BR BRN CC CZ DI DL DN DR DS EI EN FI GI HC IND JHN LN LR MA MB MC MCN MCR MCT MI
    MR MRT MS NE NH NHS NI NPI PC PE PEN PHC PHE PI PN PNT PPN PRC PT RI RPH RR RRI SB SL SN SR SS TAX U UPIN VN VP VS
    WC WP XX
"""
# The last row holds careless spellings seen on the wire.
IDENTIFIER_TYPES = {code: code for code in _TYPES.split()} | {"MRN": "MR", "SSN": "SS", "NHSNo": "NH"}
