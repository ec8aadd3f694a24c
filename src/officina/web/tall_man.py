"""Look-alike drug names in tall-man letters, so that the part that differs stands out.

The names are those of the FDA's list of revised names; nothing else of a text is changed.
"""

from __future__ import annotations

import re

_LIST = """
acetaZOLAMIDE acetoHEXAMIDE buPROPion busPIRone chlorproMAZINE chlorproPAMIDE clomiPHENE clomiPRAMINE cycloSERINE
cycloSPORINE DAUNOrubicin DOXOrubicin dimenhyDRINATE diphenhydrAMINE DOBUTamine DOPamine glipiZIDE glyBURIDE
hydrALAZINE hydrOXYzine HYDROmorphone medroxyPROGESTERone methylPREDNISolone methylTESTOSTERone niCARdipine NIFEdipine
predniSONE prednisoLONE sulfADIAZINE sulfiSOXAZOLE TOLAZamide TOLBUTamide vinBLAStine vinCRIStine
"""

_BY_NAME = {name.lower(): name for name in _LIST.split()}
_ANY = re.compile(r"\b(" + "|".join(sorted(_BY_NAME, key=len, reverse=True)) + r")\b", re.IGNORECASE)


def mark(text: str) -> str:
    """``HYDROXYZINE HCL 25 MG`` becomes ``hydrOXYzine HCL 25 MG``."""
    return _ANY.sub(lambda found: _BY_NAME[found.group().lower()], text)
