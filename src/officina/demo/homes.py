"""The three care homes the demo pharmacy delivers to, their doctors and their residents. All of it is invented.

The residents are the same in every run, so a second demo on the same book meets the same people again.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import NamedTuple


class Home(NamedTuple):
    """A care home as the pharmacy's software knows it: the facility code is what goes into PV1-3.4 and MSH-4."""

    code: str
    name: str
    stations: tuple[str, ...]
    doctors: tuple[tuple[str, str], ...]
    residents: int


class Resident(NamedTuple):
    """One resident: stable ids, never a real person (the SS numbers begin with 9, which is never issued)."""

    home: Home
    pharmacy_id: str
    social: str
    family: str
    given: str
    middle: str
    born: date
    sex: str
    station: str
    room: str
    bed: str
    doctor: tuple[str, str]
    admitted: date


HOMES = (
    Home("OAK01", "Oakwood House", ("North", "South"), (("Hargreaves", "Miriam"), ("Okafor", "Daniel")), 16),
    Home("ELM02", "Elm Court", ("Garden", "Terrace"), (("Lindqvist", "Per"), ("Ramaswamy", "Anita")), 14),
    Home("ROWAN3", "Rowan Lodge", ("Ground", "First"), (("Castellano", "Rosa"), ("Whitfield", "James")), 10),
)


def _words(text: str) -> list[str]:
    return text.split()


_FAMILIES = _words(
    """
    Abernathy Bellweather Castleton Drummond Eastgate Fairbourne Greenhalgh Holloway Ingleby Jessop Kirkbride
    Larkspur Merriweather Nightingale Oldcastle Pemberton Quillfeather Ravenscroft Sandalwood Thistlewood Underhill
    Vantongeren Wainscott Yarborough Zimmerhaus Applegarth Birtwhistle Cobblepot Dovecote Elderflower O'Marrow
    Featherstone Gooseberry Hazelgrove Ivybridge Juniper Kettlewell Lavender Müllenbach Peñarosa
    """
)
_WOMEN = _words("Edith Mabel Dorothy Agnes Winifred Hilda Beatrice Muriel Constance Florence Ivy Olive Rosemary Vera")
_MEN = _words("Albert Cecil Ernest Harold Leonard Norman Percy Reginald Sidney Walter Wilfred Horace Stanley Cyril")
_STAY = date(2024, 1, 8)


def _resident(home: Home, number: int, family: str, dice: random.Random) -> Resident:
    sex = "F" if dice.random() < 0.62 else "M"
    given, middle = dice.sample(_WOMEN if sex == "F" else _MEN, 2)
    return Resident(
        home=home,
        pharmacy_id=f"{410_000 + number * 37}",
        social=f"9{dice.randrange(10**8):08d}",
        family=family,
        given=given,
        middle=middle[0] if dice.random() < 0.7 else "",
        born=date(1928, 1, 1) + timedelta(days=dice.randrange(30 * 365)),
        sex=sex,
        station=dice.choice(home.stations),
        room=f"{dice.randint(1, 2)}{dice.randint(1, 24):02d}",
        bed=dice.choice("AB"),
        doctor=dice.choice(home.doctors),
        admitted=_STAY + timedelta(days=dice.randrange(700)),
    )


def residents() -> list[Resident]:
    """The forty residents, home by home, the same in every run."""
    dice = random.Random("residents of the demo")
    families = iter(_FAMILIES)
    homes = [home for home in HOMES for _ in range(home.residents)]
    return [_resident(home, number, next(families), dice) for number, home in enumerate(homes)]
