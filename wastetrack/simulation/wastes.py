"""Which wastes there are, who makes them, what plants do with them and what that leaves."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Waste:
    """A code of the national list."""

    code: str
    form: str
    plant: str
    """Kind of plant that takes it."""
    drying: float = 0.0
    """Part of the mass that is lost on the road in the mean: drip and vapour."""
    price: float = 3000.0
    """Of disposal, for a tonne."""

    @property
    def category(self) -> str:
        """HW08 of 900-249-08."""
        return f"HW{self.code[-2:]}"


WASTES = (
    Waste("900-249-08", "liquid", "oil", 0.0002, 900),
    Waste("900-214-08", "liquid", "oil", 0.0002, 800),
    Waste("900-404-06", "liquid", "kiln", 0.001, 2800),
    Waste("900-041-49", "solid", "kiln", 0.0003, 3200),
    Waste("900-039-49", "solid", "kiln", 0.001, 3400),
    Waste("265-103-13", "solid", "kiln", 0.0002, 3100),
    Waste("336-064-17", "semi_solid", "metal", 0.002, 1500),
    Waste("397-004-22", "liquid", "metal", 0.0003, 1100),
    Waste("321-026-48", "solid", "metal", 0.0004, 900),
    Waste("900-300-34", "liquid", "chemical", 0.0002, 1700),
    Waste("900-352-35", "liquid", "chemical", 0.0002, 1700),
    Waste("900-007-09", "liquid", "chemical", 0.0005, 1900),
    Waste("841-001-01", "solid", "medical", 0.001, 3000),
    Waste("772-003-18", "solid", "landfill", 0.001, 2400),
    Waste("321-027-48", "solid", "landfill", 0.0005, 1200),
    Waste("772-006-49", "semi_solid", "kiln", 0.002, 3000),
    Waste("900-213-08", "semi_solid", "kiln", 0.0005, 2500),
    Waste("900-099-S59", "solid", "landfill", 0.0005, 300),
)
NUMBER = {waste.code: number for number, waste in enumerate(WASTES)}
GENERAL = NUMBER["900-099-S59"]
MEDICAL = NUMBER["841-001-01"]


@dataclasses.dataclass(frozen=True, slots=True)
class Plant:
    """A kind of plant: method, part of the disposers, what a tonne leaves and takes."""

    kind: str
    method: str
    part: float
    residue: str = ""
    residue_low: float = 0.0
    residue_high: float = 0.0
    product: float = 0.0
    power_kwh_t: float = 100.0
    fuel_gj_t: float = 0.0
    lime_kg_t: float = 0.0
    carbon_kg_t: float = 0.0
    water_m3_t: float = 0.5


PLANTS = (
    Plant("kiln", "D10", 0.30, "772-003-18", 0.12, 0.30, 0.0, 320, 2.5, 35, 3, 1.5),
    Plant("oil", "R9", 0.17, "900-213-08", 0.06, 0.14, 0.78, 120, 1.8, 0, 0, 0.6),
    Plant("metal", "R4", 0.20, "321-027-48", 0.25, 0.50, 0.35, 420, 1.2, 60, 0, 1.0),
    Plant("chemical", "D9", 0.17, "772-006-49", 0.08, 0.20, 0.0, 60, 0.0, 90, 0, 1.2),
    Plant("landfill", "D1", 0.09, "", 0, 0, 0, 8, 0.1, 15, 0, 0.1),
    Plant("medical", "D10", 0.07, "772-003-18", 0.10, 0.20, 0.0, 380, 3.0, 25, 2, 1.0),
)
KIND_NUMBER = {plant.kind: number for number, plant in enumerate(PLANTS)}


@dataclasses.dataclass(frozen=True, slots=True)
class Industry:
    """A sector: the codes it makes, and by what its work is measured."""

    name: str
    codes: tuple[str, ...]
    activity: tuple[tuple[str, str], ...]
    """Pairs of kind and unit."""


INDUSTRIES = (
    Industry(
        "C2614", ("900-404-06", "265-103-13", "900-300-34"), (("output", "t"), ("power", "kWh"), ("waste_water", "m3"))
    ),
    Industry("C3360", ("336-064-17", "900-300-34", "397-004-22"), (("output", "t"), ("power", "kWh"), ("water", "m3"))),
    Industry(
        "C3982", ("397-004-22", "336-064-17", "900-404-06"), (("output", "t"), ("power", "kWh"), ("waste_water", "m3"))
    ),
    Industry("C3610", ("900-249-08", "900-007-09", "900-041-49"), (("output", "t"), ("power", "kWh"))),
    Industry(
        "C2710", ("900-404-06", "900-039-49", "900-041-49"), (("output", "t"), ("power", "kWh"), ("waste_water", "m3"))
    ),
    Industry("C2511", ("900-249-08", "900-039-49", "900-352-35"), (("output", "t"), ("power", "kWh"))),
    Industry("C3216", ("321-026-48", "900-352-35", "900-249-08"), (("output", "t"), ("power", "kWh"))),
    Industry("O8111", ("900-214-08", "900-249-08", "900-041-49"), (("turnover", "money"), ("input", "t"))),
    Industry("Q8411", ("841-001-01",), (("bed_days", "day"), ("visits", "visit"))),
)
HOSPITAL = len(INDUSTRIES) - 1
COLLECTED = tuple(NUMBER[code] for code in ("900-249-08", "900-214-08", "900-041-49", "900-039-49", "900-404-06"))
"""What intermediates take from small firms."""
