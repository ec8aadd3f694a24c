"""What the demo pharmacy dispenses: generic names, invented codes in the form of an NDC, and the usual directions."""

from __future__ import annotations

import random
from typing import NamedTuple


class Schedule(NamedTuple):
    """How often: the code, the hours, the pattern (``D^1`` daily, ``W^Mon,Fri``, ``M^1,15``) of the LTC contract."""

    code: str
    times: tuple[str, ...]
    pattern: str
    words: str


class Drug(NamedTuple):
    """One product. ``dose`` is the usual number of ``unit``; ``codes`` are keys of SCHEDULES."""

    code: str
    name: str
    form: str
    route: str
    verb: str
    unit: str
    dose: str
    codes: tuple[str, ...]
    reason: str = ""


SCHEDULES = {
    "QD": Schedule("QD", ("08:00",), "D^1", "once daily in the morning"),
    "QHS": Schedule("QHS", ("21:00",), "D^1", "at bedtime"),
    "BID": Schedule("BID", ("08:00", "20:00"), "D^1", "twice daily"),
    "BIDM": Schedule("BID", ("08:00", "17:30"), "D^1", "twice daily with meals"),
    "TID": Schedule("TID", ("08:00", "14:00", "20:00"), "D^1", "three times daily"),
    "QID": Schedule("QID", ("08:00", "12:00", "16:00", "20:00"), "D^1", "four times daily"),
    "AC": Schedule("TIDAC", ("07:30", "11:30", "16:30"), "D^1", "three times daily before meals"),
    "Q8H": Schedule("Q8H", ("06:00", "14:00", "22:00"), "D^1", "every 8 hours"),
    "QOD": Schedule("QOD", ("09:00",), "D^2", "every other day"),
    "MWF": Schedule("W", ("09:00",), "W^Mon,Wed,Fri", "on Monday, Wednesday and Friday"),
    "WK": Schedule("W", ("07:00",), "W^Sun", "once a week on Sunday, 30 minutes before breakfast"),
    "TUE": Schedule("W", ("17:00",), "W^Tue", "once a week on Tuesday"),
    "M15": Schedule("M", ("10:00",), "M^15", "once a month on the 15th"),
    "M1": Schedule("M", ("10:00",), "M^1,15", "on the 1st and the 15th of each month"),
    "Q3D": Schedule("Q3D", ("09:00",), "D^3", "every 72 hours, remove the old patch first"),
    "PRN4": Schedule("Q4H", (), "D^1", "every 4 hours as needed"),
    "PRN6": Schedule("Q6H", (), "D^1", "every 6 hours as needed"),
    "PRND": Schedule("QD", (), "D^1", "once daily as needed"),
}
PRN = frozenset({"PRN4", "PRN6", "PRND"})


def _drugs() -> tuple[Drug, ...]:
    rows = """
    metformin 500 mg tablet|TAB|PO|Take|tablet|1|BIDM
    lisinopril 10 mg tablet|TAB|PO|Take|tablet|1|QD
    amlodipine 5 mg tablet|TAB|PO|Take|tablet|1|QD,QHS
    atorvastatin 20 mg tablet|TAB|PO|Take|tablet|1|QHS
    levothyroxine 50 mcg tablet|TAB|PO|Take|tablet|1|QD
    omeprazole 20 mg capsule|CAP|PO|Take|capsule|1|QD,BID
    furosemide 40 mg tablet|TAB|PO|Take|tablet|1|QD,BID
    metoprolol tartrate 25 mg tablet|TAB|PO|Take|tablet|1|BID
    donepezil 10 mg tablet|TAB|PO|Take|tablet|1|QHS
    memantine 10 mg tablet|TAB|PO|Take|tablet|1|BID
    sertraline 50 mg tablet|TAB|PO|Take|tablet|1|QD
    mirtazapine 15 mg tablet|TAB|PO|Take|tablet|1|QHS
    gabapentin 300 mg capsule|CAP|PO|Take|capsule|1|TID,QHS
    warfarin 2.5 mg tablet|TAB|PO|Take|tablet|1|QHS,MWF
    apixaban 5 mg tablet|TAB|PO|Take|tablet|1|BID
    digoxin 125 mcg tablet|TAB|PO|Take|tablet|1|QD,QOD
    potassium chloride ER 20 mEq tablet|TAB|PO|Take|tablet|1|QD
    alendronate 70 mg tablet|TAB|PO|Take|tablet|1|WK
    methotrexate 2.5 mg tablet|TAB|PO|Take|tablet|4|TUE
    cyanocobalamin 1000 mcg/mL injection|INJ|IM|Inject|mL|1|M15,M1
    insulin glargine 100 units/mL pen|PEN|SC|Inject|units|14|QHS
    insulin lispro 100 units/mL pen|PEN|SC|Inject|units|5|AC
    fentanyl 12 mcg/hr patch|PTCH|TD|Apply|patch|1|Q3D
    carbidopa-levodopa 25-100 mg tablet|TAB|PO|Take|tablet|1|TID,QID
    amoxicillin 500 mg capsule|CAP|PO|Take|capsule|1|Q8H
    cephalexin 500 mg capsule|CAP|PO|Take|capsule|1|QID
    nitrofurantoin 100 mg capsule|CAP|PO|Take|capsule|1|BID
    latanoprost 0.005% eye drops|SOL|OP|Instil|drop|1|QHS
    artificial tears eye drops|SOL|OP|Instil|drop|1|QID
    albuterol 2.5 mg/3 mL nebulizer solution|NEB|IH|Inhale|vial|1|PRN4|shortness of breath
    fluticasone 50 mcg nasal spray|SPR|NS|Use|spray|1|QD
    polyethylene glycol 17 g powder|PWD|PO|Take|g|17|QD,PRND|constipation
    senna 8.6 mg tablet|TAB|PO|Take|tablet|2|QHS
    acetaminophen 325 mg tablet|TAB|PO|Take|tablet|2|PRN6,TID|pain or fever
    oxycodone 5 mg tablet|TAB|PO|Take|tablet|1|PRN6|severe pain
    lorazepam 0.5 mg tablet|TAB|PO|Take|tablet|1|PRN6|anxiety & agitation
    ondansetron 4 mg tablet|TAB|PO|Take|tablet|1|PRN6|nausea
    nystatin 100,000 units/g cream|CRM|TOP|Apply|application|1|BID
    vitamin D3 1000 unit tablet|TAB|PO|Take|tablet|1|QD
    tamsulosin 0.4 mg capsule|CAP|PO|Take|capsule|1|QHS
    """
    found = []
    for number, line in enumerate(filter(None, map(str.strip, rows.splitlines()))):
        name, form, route, verb, unit, dose, codes, *reason = line.split("|")
        code = f"99901{1000 + number * 13:04d}{number % 7 + 1:02d}"
        found.append(Drug(code, name, form, route, verb, unit, dose, tuple(codes.split(",")), *reason))
    return tuple(found)


DRUGS = _drugs()
_ROUTES = {"PO": "by mouth", "SC": "under the skin", "IM": "into the muscle", "TD": "to the skin", "TOP": "to the skin"}
_ROUTES |= {"OP": "in each eye", "IH": "by nebulizer", "NS": "in each nostril"}


def directions(drug: Drug, dose: str, code: str) -> str:
    """The sig in words, as a pharmacist types it."""
    unit = drug.unit if dose == "1" or drug.unit in {"mL", "g", "units"} else f"{drug.unit}s"
    words = f"{drug.verb} {dose} {unit} {_ROUTES[drug.route]} {SCHEDULES[code].words}"
    return f"{words} for {drug.reason}" if code in PRN and drug.reason else words


def any_drug(dice: random.Random) -> tuple[Drug, str]:
    """A product and one of its usual schedules."""
    drug = dice.choice(DRUGS)
    return drug, dice.choice(drug.codes)
