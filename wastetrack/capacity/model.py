"""What is matched: supply of waste against what plants may and can take, in columns; and the matching itself.

The model is that of the common regional assessments of hazardous-waste capacity: supply by place, category and period;
plants with effective capacity, storage and permit items (lines); approvals for what crosses a province's border;
residues that are supply again at the plant. Masses are whole grams (int64), distances kilometres by road, prices yuan a
tonne, periods months or days. Every column of a table has one entry a row; ids stand once, rows refer by position.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
"""Places in another table's rows."""
Grams = NDArray[np.int64]
Numbers = NDArray[np.float64]

OPEN_TO_ALL: Final = -1
"""The group of a line that takes waste from anybody, and of a place that belongs to none."""
NO_LIMIT: Final = np.iinfo(np.int64).max // 4


@unique
class Tier(StrEnum):
    """In which order plants are called in an epidemic; outside one only the first takes medical waste."""

    USUAL = "usual"
    HAZARDOUS_INCINERATOR = "hazardous_incinerator"
    MUNICIPAL_INCINERATOR = "municipal_incinerator"
    CEMENT_KILN = "cement_kiln"


@unique
class WhyUnmatched(StrEnum):
    """Why a gram is unmatched: the first that holds, read from the top."""

    NO_PERMIT = "no_permit"
    """No plant of the instance may take the category."""
    TOO_FAR = "too_far"
    """Some may, none within the distance that was set."""
    NO_APPROVAL = "no_approval"
    """The plants that have room are in another province, and no approval is left for it."""
    NO_QUANTITY = "no_quantity"
    """The permit items that name it are used up, though the plants could treat more."""
    NO_CAPACITY = "no_capacity"
    """The plants that may take it are full."""
    NO_PLACE_FOR_RESIDUES = "no_place_for_residues"
    """Plants could take it, but nothing takes what they would leave."""


@dataclass(frozen=True, slots=True)
class Category:
    """Waste that is alike for plants: a code or a class of codes in a form."""

    code: str
    """As permits name it: an eight-digit code (772-002-18) or a class (HW18)."""
    form: str = ""
    """solid, liquid, sludge …; empty where it does not matter."""
    is_medical: bool = False
    max_age: int | None = None
    """After how many periods at most it must have left where it arose; None without a limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Regions, sites, parks, collection points; plants stand at places too."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[str, ...]
    """GB/T 2260 codes of six digits; the first two say the province, the first four the prefecture."""
    longitude: Numbers
    latitude: Numbers
    group: Positions
    """Which group of firms shares plants among its places; OPEN_TO_ALL for none."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """What arises."""

    place: Positions
    category: Positions
    period: Positions
    mass_g: Grams


@dataclass(frozen=True, slots=True, eq=False)
class Stores:
    """Where waste may wait at the place where it arose: what of a category fits at the end of a period.

    At the end of the last period no more may lie there than lay there before the first, and nothing may wait at plants,
    so that a shortage does not hide in stores.
    """

    place: Positions
    category: Positions
    limit_g: Grams
    opening_g: Grams
    """What lies there before the first period."""


@dataclass(frozen=True, slots=True, eq=False)
class Plants:
    """Plants and what they can treat."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    place: Positions
    capacity_g: NDArray[np.int64]
    """(plants, periods): effective, that is permitted or nominal, whichever is less, times availability."""
    permitted_g: Grams
    """What the permit lets it take in over all periods together; NO_LIMIT without one."""
    overload_g: NDArray[np.int64]
    """(plants, periods): what an emergency lets them take beyond capacity; 0 otherwise."""
    storage_g: Grams
    """What fits before treatment at the end of a period."""
    opening_cost: Numbers
    """Yuan to open a plant that does not stand yet; NaN for one that does."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Permit items: what a plant may take, by which method, how much over all periods together."""

    ids: tuple[str, ...]
    plant: Positions
    methods: tuple[str, ...]
    """Codes of use and disposal (R1 … D16)."""
    limit_g: Grams
    price: Numbers
    """Yuan a tonne at the gate; 0 where none is known."""
    load: Numbers
    """How much of the plant's capacity a gram takes: 1 as a rule, more for what burns badly; never 0."""
    tier: Positions
    """Position in Tier; 0 outside emergencies."""
    first_period: Positions
    """From which period on: 0, or later by the lead time of an emergency, a new plant or a repair."""
    group: Positions
    """Only for places of this group (own or shared plants need no licence to take in); OPEN_TO_ALL for all."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Accepts:
    """Which categories a line may take: named by its permit, and fit for its method."""

    line: Positions
    category: Positions


@dataclass(frozen=True, slots=True, eq=False)
class Approvals:
    """What may cross a province's border: from a place to a plant, over all periods together."""

    place: Positions
    plant: Positions
    category: Positions
    limit_g: Grams


@dataclass(frozen=True, slots=True, eq=False)
class Residues:
    """What treating leaves: per gram of a category on a line so many grams of another, at the plant's place."""

    line: Positions
    category: Positions
    leaves: Positions
    ratio: Numbers
    """In whole grams the nearest, half a gram up, by row and period."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Instance:
    """One question: can this supply go to these plants?"""

    title: str
    periods: tuple[str, ...]
    """2026-01 … for months, 2026-01-31 … for days."""
    categories: tuple[Category, ...]
    places: Places
    supply: Supply
    stores: Stores
    plants: Plants
    lines: Lines
    accepts: Accepts
    approvals: Approvals
    residues: Residues
    reach_km: float = np.inf
    """Beyond this no waste is carried."""
    roads: Mapping[tuple[int, int], float] = field(default_factory=dict)
    """Kilometres by road between two places, both ways, where a matrix was given; elsewhere great-circle × 1.3."""
    haulage: float = 1.0
    """Yuan a tonne and kilometre."""


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """What goes where."""

    place: Positions
    category: Positions
    period: Positions
    line: Positions
    mass_g: Grams


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What lies at a place (of supply or of a plant) at the end of a period."""

    place: Positions
    category: Positions
    period: Positions
    mass_g: Grams


@dataclass(frozen=True, slots=True, eq=False)
class Unmatched:
    """What goes nowhere, and why."""

    place: Positions
    category: Positions
    period: Positions
    mass_g: Grams
    why: tuple[WhyUnmatched, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Treated:
    """What a line treats in a period; or what waits there for it at the end of one."""

    line: Positions
    category: Positions
    period: Positions
    mass_g: Grams


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Matching:
    """The answer: least unmatched, then least left over at the end of the last period, then least emergency (the last
    tier first, then the ones before it, then what is beyond capacity), then least across borders, then cheapest;
    of several, one that keeps and lets wait least."""

    instance: Instance
    flows: Flows
    treated: Treated
    kept: Kept
    """At places of supply."""
    waiting: Treated
    """At plants, before treatment, by the line that took it in."""
    unmatched: Unmatched
    opened: Positions
    """Plants that are worth opening."""
    unmatched_g: int
    border_tkm: float
    """Tonne-kilometres across provinces."""
    cost: float
    """Yuan: haulage, gate prices, opening."""
    worth: NDArray[np.float64]
    """(plants, 2): unmatched tonnes and yuan that one more tonne of capacity in every period would save at the most;
    periods in which a plant has none count nothing."""
    line_worth: NDArray[np.float64]
    """(lines, 2): the same for one more tonne of the permit item."""
    seconds: float
    proven: bool
    """Whether each step was solved to its optimum; False where the time limit cut it short."""
    least: tuple[int, float, float] | None = None
    """Where it is not proven: grams unmatched, tonne-kilometres across provinces and yuan below which none can be."""
    is_cut: bool = False
    """Whether something was given up before its end, as a rule because the time limit came first."""
