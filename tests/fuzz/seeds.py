"""What the mutations begin with: our own samples, the demo pharmacy's messages, and the corpora where they are."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from officina.demo.story import Story

ROOT = Path(__file__).parent.parent.parent
CORPORA = Path(os.environ.get("OFFICINA_CORPORA", ROOT.parent / "shared" / "corpora"))
_LONGEST = 16_384  # bytes: a mutation of a long document says no more than one of a short one, and takes longer

_OWN = (
    b"MSH|^~\\&|A|B|C|D|20260302090000||RDE^O11^RDE_O11|1|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
    b'PID|1||1^^^X&1.2&ISO^PI~2^^^^SS||O\\T\\Brien^""^Zo\xc3\xab||19400230|F\r'
    b"PV1|1|I|W^12^A^OAK01\rORC|NW|1^P|2^F||CM\rRXE|^BID&0800,2000^D10^202603^20260401|123^drug^NDC|1|2|MG\r"
    b"NTE|1||two\\.br\\lines \\X0D0A\\ \\Zx\\ \\H\\bold\\N\\ 4\\5\r"
    b"RXR|PO^Oral\rRXC|A|1^x|5|ML\rORC|XO|1\rRXE|W^Mon,Fri|9\r",
    b"MSH|^~\\&#|A|B|C|D|2026||OMP^O09|2|P|2.7\nPID|||3\nORC|NW|4\n"
    b"TQ1|1|1^TAB|Q6H|06:00,12:00||3^DAYS|2026|2027|PRN\nRXO|1^y|1||MG\n",
    b"MSH$%&*!$A$B$C$D$2026$$ORM%O01$3$P$2.3\r\nPID$$$5\r\nORC$NW$6\r\nRXO$1%z$2$$ML\r\n",
    b"FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A|B|||2026||ADT^A08|4|P|2.4\rPID|||6\rBTS|1\rFTS|1\r",
    b"MSH|^~\\&|A|B|C|D|2026||ACK|5|P|2.5\rMSA|AA|77\r",
    b"MSH|^~\\&|A\r",
    b"MSH|\r",
    b"MSH",
    b"",
)


def own() -> list[bytes]:
    """Samples of ours: always there."""
    began = datetime(2026, 3, 2, 9, tzinfo=UTC)
    story = Story(4, began)
    utf16 = _OWN[0].decode().encode("utf-16")
    return [*_OWN, utf16, *(story.step(began).raw for _ in range(120))]


def corpora() -> list[bytes]:
    """The corpora's messages; none where the folder is absent."""
    files = sorted((CORPORA / "hl7v2").rglob("*")) if CORPORA.is_dir() else []
    found = [path.read_bytes() for path in files if path.is_file() and path.suffix not in {".tsv", ".md"}]
    return [raw for raw in found if len(raw) <= _LONGEST]


def seeds() -> list[bytes]:
    """All of them, in a fixed order."""
    return own() + corpora()
