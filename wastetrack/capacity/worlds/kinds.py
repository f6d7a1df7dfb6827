"""What the made regions consist of: provinces, wastes with what usually becomes of them, and kinds of plants.

Shares of mass and loads are of the size that yearbooks and provincial notices tell; no figure is any one region's.
"""

from typing import Final, NamedTuple


class Province(NamedTuple):
    """Where a province lies, how far it reaches in degrees, and how much industry it has."""

    code: str
    longitude: float
    latitude: float
    reach: float
    industry: float


class Waste(NamedTuple):
    """A category with its share of all mass, in how many counties it arises, and the plants it goes to."""

    code: str
    form: str
    share: float
    spread: float
    plants: tuple[tuple[str, float], ...]


class Kind(NamedTuple):
    """A kind of plant: how many of all plants, what it leaves, and what it could take to what it is given."""

    method: str
    number: float
    ampleness: float
    load: float
    takes: float
    """Of the categories that go to its kind, how many a plant's permit names."""
    leaves: tuple[tuple[str, float], ...]
    """Codes and grams a gram."""


PROVINCES: Final = (
    Province("32", 119.5, 33.0, 1.6, 9.5), Province("33", 120.2, 29.2, 1.2, 7.5), Province("31", 121.4, 31.2, 0.3, 3.5),
    Province("34", 117.2, 31.8, 1.5, 4.0), Province("37", 118.2, 36.4, 1.8, 9.9), Province("41", 113.6, 33.9, 1.6, 4.5),
    Province("42", 112.3, 31.0, 1.6, 4.0), Province("43", 111.7, 27.6, 1.6, 3.0), Province("36", 115.7, 27.7, 1.4, 3.2),
    Province("35", 118.0, 26.1, 1.2, 3.0), Province("44", 113.4, 23.4, 1.8, 8.0), Province("45", 108.8, 23.8, 1.6, 3.0),
    Province("13", 115.5, 38.6, 1.6, 5.0), Province("11", 116.4, 40.1, 0.4, 1.0), Province("12", 117.3, 39.2, 0.3, 1.6),
    Province("14", 112.3, 37.6, 1.5, 3.0), Province("15", 111.5, 42.5, 4.0, 4.5), Province("21", 122.6, 41.3, 1.4, 3.5),
    Province("22", 126.2, 43.7, 1.6, 2.0), Province("23", 127.8, 47.0, 2.5, 1.8), Province("46", 109.8, 19.2, 0.5, 0.4),
    Province("50", 107.8, 30.0, 1.0, 1.8), Province("51", 103.9, 30.6, 1.9, 4.0), Province("52", 106.8, 26.9, 1.2, 2.0),
    Province("53", 101.8, 25.0, 1.8, 3.5), Province("54", 90.8, 30.0, 2.5, 0.1), Province("61", 108.8, 34.9, 1.6, 3.0),
    Province("62", 103.2, 36.2, 2.5, 1.8), Province("63", 98.5, 36.4, 2.2, 3.0), Province("64", 106.1, 37.6, 0.9, 1.2),
    Province("65", 85.6, 43.2, 3.5, 3.5),
)  # fmt: skip
"""Neighbours stand near one another, so that the first few are a region of their own."""

FLY_ASH: Final = "772-002-18"
SLAG: Final = "772-003-18"
SLUDGE: Final = "HW17"

KINDS: Final = {
    "incinerator": Kind("D10", 0.16, 1.9, 1.0, 0.7, ((FLY_ASH, 0.05), (SLAG, 0.18))),
    "landfill": Kind("D1", 0.07, 1.5, 1.0, 0.8, ()),
    "treatment": Kind("D9", 0.13, 2.0, 1.0, 0.6, ((SLUDGE, 0.12),)),
    "kiln": Kind("C1", 0.05, 2.0, 1.0, 0.6, ()),
    "oil": Kind("R9", 0.14, 2.8, 1.0, 0.9, (("HW11", 0.06),)),
    "solvent": Kind("R2", 0.09, 2.5, 1.0, 0.7, (("HW11", 0.10),)),
    "metal": Kind("R4", 0.19, 2.2, 1.0, 0.35, (("HW48", 0.12),)),
    "mineral": Kind("R5", 0.10, 2.2, 1.0, 0.4, ()),
    "acid": Kind("R6", 0.04, 2.5, 1.0, 0.8, ((SLUDGE, 0.05),)),
    "medical": Kind("Y10", 0.03, 1.4, 1.0, 1.0, ((FLY_ASH, 0.03),)),
}

_BURNT: Final = (("incinerator", 0.75), ("kiln", 0.25))
_BURNT_OR_OIL: Final = (("oil", 0.75), ("incinerator", 0.15), ("kiln", 0.1))
_BURNT_OR_SOLVENT: Final = (("solvent", 0.6), ("incinerator", 0.3), ("kiln", 0.1))
_METAL: Final = (("metal", 0.65), ("landfill", 0.25), ("treatment", 0.1))
_MINERAL: Final = (("mineral", 0.7), ("landfill", 0.3))
_LIQUID: Final = (("treatment", 0.8), ("incinerator", 0.2))
_ACID: Final = (("acid", 0.6), ("treatment", 0.4))
_BURIED: Final = (("landfill", 0.9), ("kiln", 0.1))

WASTES: Final = (
    Waste("HW01", "", 1.6, 1.0, (("medical", 1.0),)), Waste("HW02", "", 0.9, 0.35, _BURNT),
    Waste("HW03", "", 0.1, 0.7, _BURNT), Waste("HW04", "", 0.7, 0.2, _BURNT), Waste("HW05", "", 0.1, 0.2, _BURNT),
    Waste("HW06", "liquid", 2.2, 0.8, _BURNT_OR_SOLVENT), Waste("HW07", "", 0.05, 0.1, _LIQUID),
    Waste("900-249-08", "liquid", 5.0, 1.0, _BURNT_OR_OIL), Waste("900-210-08", "sludge", 3.4, 0.8, _BURNT_OR_OIL),
    Waste("HW09", "liquid", 2.4, 0.9, _LIQUID), Waste("HW10", "", 0.03, 0.2, (("incinerator", 1.0),)),
    Waste("HW11", "", 12.0, 0.6, (("oil", 0.3), ("incinerator", 0.45), ("kiln", 0.25))),
    Waste("HW12", "", 1.8, 0.9, _BURNT_OR_SOLVENT), Waste("HW13", "", 1.2, 0.7, _BURNT),
    Waste("HW14", "", 0.05, 0.4, _BURNT), Waste("HW15", "", 0.01, 0.1, (("incinerator", 1.0),)),
    Waste("HW16", "liquid", 0.5, 0.5, (("metal", 0.6), ("treatment", 0.4))),
    Waste("HW17", "sludge", 5.0, 0.9, _METAL), Waste("336-064-17", "liquid", 2.0, 0.8, _LIQUID),
    Waste(FLY_ASH, "", 7.5, 0.5, (("landfill", 0.75), ("kiln", 0.25))), Waste(SLAG, "", 3.5, 0.3, _BURIED),
    Waste("HW19", "", 0.02, 0.1, _BURNT), Waste("HW20", "", 0.02, 0.1, _BURIED), Waste("HW21", "", 1.5, 0.3, _METAL),
    Waste("HW22", "", 3.5, 0.5, _METAL), Waste("HW23", "", 3.0, 0.5, _METAL), Waste("HW24", "", 0.4, 0.1, _BURIED),
    Waste("HW25", "", 0.1, 0.1, _METAL), Waste("HW26", "", 0.1, 0.15, _METAL), Waste("HW27", "", 0.2, 0.1, _METAL),
    Waste("HW28", "", 0.02, 0.1, _METAL), Waste("HW29", "", 1.0, 0.6, _METAL), Waste("HW30", "", 0.01, 0.05, _BURIED),
    Waste("HW31", "", 3.0, 0.9, (("metal", 1.0),)), Waste("HW32", "", 0.4, 0.2, _MINERAL),
    Waste("HW33", "", 1.2, 0.2, _LIQUID), Waste("HW34", "liquid", 8.0, 0.7, _ACID),
    Waste("HW35", "liquid", 2.4, 0.7, _ACID), Waste("HW36", "", 3.0, 0.5, _BURIED), Waste("HW37", "", 0.1, 0.2, _BURNT),
    Waste("HW38", "", 0.8, 0.1, _BURNT), Waste("HW39", "", 0.2, 0.2, _BURNT), Waste("HW40", "", 0.1, 0.2, _BURNT),
    Waste("HW45", "", 0.8, 0.3, _BURNT), Waste("HW46", "", 0.5, 0.3, _METAL), Waste("HW47", "", 0.4, 0.1, _BURIED),
    Waste("HW48", "", 11.0, 0.5, (("metal", 0.45), ("mineral", 0.35), ("landfill", 0.2))),
    Waste("HW49", "", 4.0, 1.0, _BURNT), Waste("900-039-49", "", 1.6, 0.9, (("mineral", 0.4), ("incinerator", 0.6))),
    Waste("HW50", "", 1.2, 0.5, (("metal", 0.6), ("mineral", 0.4))),
)  # fmt: skip

HARD_TO_BURN: Final = frozenset({"HW04", "HW10", "HW15", "HW38", "HW45"})
"""They have a permit item of their own, and take more of an incinerator."""
PRICES: Final = {
    "incinerator": 2800.0, "landfill": 1600.0, "treatment": 1500.0, "kiln": 1300.0, "oil": 150.0, "solvent": 500.0,
    "metal": 200.0, "mineral": 600.0, "acid": 400.0, "medical": 2600.0,
}  # fmt: skip
"""Yuan a tonne at the gate."""
