"""What is kept of a matching: its figures by category, region, month, plant and flow, as JSON in the database.

Whoever shows, prints or sends it needs neither the solver nor its columns. Masses are whole grams, distances
kilometres, costs yuan; a worth is what one more tonne of capacity in every period would save, in tonnes unmatched
and in yuan. Names of wastes and regions in other languages stand in the catalogue, under their codes.
"""

from datetime import date, datetime
from enum import StrEnum, unique
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict


@unique
class SupplyGround(StrEnum):
    """What the supply of a year rests on."""

    PLAN = "plan"
    """Filed management plans."""
    LEDGER = "ledger"
    """What arose by the ledger."""
    LARGER = "larger"
    """By site and category whichever of both is more."""
    FORECAST = "forecast"
    """What the ledger's months make likely."""
    FORECAST_HIGH = "forecast_high"
    """The same, at the upper end of its interval."""


FORECASTS: Final = frozenset({SupplyGround.FORECAST, SupplyGround.FORECAST_HIGH})


@unique
class UnmatchedReason(StrEnum):
    """Why a gram is unmatched: the first that holds, read from the top."""

    NO_PERMIT = "no_permit"
    """No plant may take the category."""
    TOO_FAR = "too_far"
    """Some may, none within the distance that was set."""
    NO_APPROVAL = "no_approval"
    """The plants that have room are in another province, and no approval is left for it."""
    NO_QUANTITY = "no_quantity"
    """The permit items that name it are used up."""
    NO_CAPACITY = "no_capacity"
    """The plants that may take it are full."""
    NO_PLACE_FOR_RESIDUES = "no_place_for_residues"
    """Plants could take it, but nothing takes what they would leave."""


@unique
class ScenarioKind(StrEnum):
    """What is changed before it is matched."""

    AS_IT_IS = "as_it_is"
    """Nothing."""
    OUTAGE = "outage"
    """A plant stands still."""
    RETIREMENT = "retirement"
    """A plant is gone from a month on (退役)."""
    NEW_PLANT = "new_plant"
    """Planned projects stand."""
    MORE_SUPPLY = "more_supply"
    """More arises, by a factor."""
    SHARING = "sharing"
    """Groups share their own plants among their members."""
    OTHER_QUANTITY = "other_quantity"
    """A permit item names another quantity."""


@unique
class GatheringCaution(StrEnum):
    """What the reader has to know of the data behind the figures."""

    GREAT_CIRCLE = "great_circle"
    """Distances are great-circle times 1.3: no matrix of roads was given."""
    NO_PLAN = "no_plan"
    """Sites that make waste and have filed no plan for the year."""
    NO_NAMEPLATE = "no_nameplate"
    """Plants whose facilities name no capacity: the permit alone limits them."""
    NO_PRICE = "no_price"
    """No prices are known: the cost is haulage alone."""
    CUT_SHORT = "cut_short"
    """The time limit ended a step before its optimum was proven."""
    WITHIN_BOUNDS = "within_bounds"
    """A large question is answered by a plan; so many whole tonnes at most could be matched beyond it."""
    PASSED_NEARER = "passed_nearer"
    """So many shipments go past a nearer plant that could have taken them; they stand in `passed`."""
    NO_REMOVAL_TEST = "no_removal_test"
    """Plants were not taken out one by one: the time did not suffice."""
    WITHOUT_PERMIT = "without_permit"
    """Receivers without a permit, for waste of single sites."""
    LEFT_OUT = "left_out"
    """Plants of the province outside the region that may take something of it, and are not counted."""
    FREE_ELSEWHERE = "free_elsewhere"
    """The same, counted with what their permits leave free in the year."""
    BY_ROAD = "by_road"
    """So many percent of what is carried go by distances of the uploaded matrix."""
    PRICED = "priced"
    """So many percent of what is treated go to permit items with a published price."""
    FORECAST_UNPLACED = "forecast_unplaced"
    """Codes that are forecast, and of which no site is known that makes them now."""


@unique
class Verdict(StrEnum):
    """What a result comes to."""

    MATCHES = "matches"
    """Everything finds a plant."""
    SHORT_BY_CODE = "short_by_code"
    """The plants could treat more than arises, and yet some of it finds none."""
    SHORT_IN_TOTAL = "short_in_total"
    """The plants cannot treat as much as arises."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(_Part):
    """So much is unmatched for this reason."""

    why: UnmatchedReason
    mass_g: int


class CategoryFigures(_Part):
    """A category (by code and form) or a whole class of them.

    Conservation to the gram: opening + supply + residue = matched + kept + unmatched.
    """

    code: str
    """772-002-18, or HW18 for a class; class of a code is `HW` + its last two digits."""
    form: str = ""
    is_medical: bool = False
    supply_g: int
    """What arises in the region."""
    planned_g: int = 0
    """What the filed plans say of it."""
    recorded_g: int = 0
    """What arose of it by the ledger."""
    opening_g: int = 0
    """What lies in stores at the start."""
    residue_g: int = 0
    """What treatment of other waste leaves of it."""
    matched_g: int
    kept_g: int = 0
    """What lies in stores at the end."""
    unmatched_g: int
    permitted_g: int
    """What all permit items that name it allow together; other categories may use them too."""
    effective_g: int
    """What the plants that may take it can treat at most, if they took nothing else: permit and capacity, whichever is
    less."""
    reasons: tuple[Reason, ...] = ()


class RegionFigures(_Part):
    """A prefecture or county."""

    region: str
    """GB/T 2260, six digits."""
    name: str
    longitude: float
    latitude: float
    """In the middle of its sites and plants."""
    supply_g: int
    opening_g: int = 0
    residue_g: int = 0
    matched_g: int
    kept_g: int = 0
    unmatched_g: int
    inside_g: int = 0
    """Matched with plants of the same region."""
    out_g: int = 0
    """Matched with plants of other regions."""
    in_g: int = 0
    """From other regions, to plants of this one."""
    effective_g: int = 0
    """Of the plants that stand here."""
    reasons: tuple[Reason, ...] = ()


class Cell(_Part):
    """A category in a region."""

    region: str
    code: str
    form: str = ""
    supply_g: int
    """With residues and what lay in stores at the start."""
    matched_g: int
    kept_g: int = 0
    unmatched_g: int
    reasons: tuple[Reason, ...] = ()


class PeriodFigures(_Part):
    """A month (or day)."""

    period: str
    supply_g: int
    residue_g: int = 0
    matched_g: int
    kept_g: int = 0
    """In stores where it arose, at the end."""
    unmatched_g: int
    treated_g: int = 0
    effective_g: int = 0


class PlantFigures(_Part):
    """A plant: what it may, can and shall treat."""

    plant: str
    """Id of its site in the register; of a planned project `project:` and its id."""
    name: str
    region: str
    longitude: float
    latitude: float
    methods: tuple[str, ...]
    permitted_g: int
    """What its permit allows in all."""
    effective_g: int
    """What it can treat: permit or nameplate times availability, whichever is less."""
    received_g: int
    treated_g: int
    waiting_g: int = 0
    """Before treatment, at the end."""
    is_planned: bool = False
    """It does not stand yet."""
    is_opened: bool = False
    """Worth opening by the matching."""
    worth_t: float = 0.0
    """Tonnes unmatched that one more tonne of its capacity would save."""
    worth_yuan: float = 0.0


class LineFigures(_Part):
    """A permit item."""

    plant: str
    item: str
    pattern: str
    """A code or class as the permit names it."""
    methods: tuple[str, ...]
    limit_g: int
    used_g: int
    worth_t: float = 0.0
    worth_yuan: float = 0.0


class MethodFigures(_Part):
    """What is permitted and taken by a method of use or disposal; an item with several counts under its first."""

    method: str
    permitted_g: int
    treated_g: int


class FlowFigures(_Part):
    """What goes from a region to a plant."""

    region: str
    plant: str
    code: str
    form: str = ""
    method: str
    mass_g: int
    km: float


class PassedFigures(_Part):
    """What goes from a region to a plant past a nearer one that could have taken it (就近)."""

    region: str
    code: str
    plant: str
    nearer: str
    """The plant that is passed."""
    mass_g: int
    """So much could have gone there at the most."""
    km: float
    nearer_km: float
    leaves_residues: bool
    """Treating it there leaves residues, which must go somewhere, too."""
    is_dearer: bool
    """It costs more there. If it is neither, the matching is not the best there is."""


class RemovalFigures(_Part):
    """What happens when a plant stands still all year: solved anew, not read from the worths."""

    plant: str
    unmatched_more_g: int
    border_more_tkm: float
    cost_more: float
    treated_g: int
    """What it treats in the matching with it."""


class Caution(_Part):
    """A caution, and to how many sites or plants it applies."""

    kind: GatheringCaution
    count: int = 0


class Question(_Part):
    """What was asked."""

    title: str
    region: str
    """Prefix of a GB/T 2260 code: 37, 3706 or 370602; empty for the whole country."""
    year: int
    ground: SupplyGround
    scenario: ScenarioKind
    plants: tuple[str, ...] = ()
    """Plants that the scenario stops or retires, or projects that it opens."""
    from_period: int = 0
    """From which month on, counted from 0."""
    factor: float = 1.0
    """How much more arises."""
    item: str = ""
    """Code or class of the permit item whose quantity is another; the plant is the only one of `plants`."""
    item_methods: tuple[str, ...] = ()
    """Its methods, sorted: a plant may have several items of one code."""
    quantity_g: int | None = None
    """What that item is to allow in a year."""
    reach_km: float | None = None
    """Beyond this no waste is carried; None without a limit."""
    free_elsewhere: bool = False
    """Whether plants of the province outside the region count with what their permits leave free."""
    residues: bool = True
    """Whether residues of treatment re-enter as supply."""


class Totals(_Part):
    """Everything together. opening + supply + residue = matched + kept + unmatched."""

    supply_g: int
    opening_g: int
    residue_g: int
    matched_g: int
    kept_g: int
    unmatched_g: int
    permitted_g: int
    effective_g: int
    treated_g: int
    border_tkm: float
    cost: float


class SupplyShare(_Part):
    """How much of the supply rests on what."""

    ground: SupplyGround
    mass_g: int


class Result(_Part):
    """A matching as it is kept."""

    version: Literal[1] = 1
    question: Question
    region_name: str
    made_at: datetime
    seconds: float
    proven: bool
    """Whether it is the best there is."""
    least_unmatched_g: int | None = None
    """Where it is not proven: less cannot stay unmatched."""
    periods: tuple[str, ...]
    totals: Totals
    grounds: tuple[SupplyShare, ...] = ()
    """Before a scenario lets more arise."""
    known_until: date | None = None
    """Up to which day the forecast knew the ledger; None where the supply is no forecast."""
    categories: tuple[CategoryFigures, ...]
    """The largest supply first."""
    classes: tuple[CategoryFigures, ...]
    """The same by class; what a plant can take of a class is counted once."""
    regions: tuple[RegionFigures, ...]
    cells: tuple[Cell, ...]
    months: tuple[PeriodFigures, ...]
    plants: tuple[PlantFigures, ...]
    lines: tuple[LineFigures, ...]
    methods: tuple[MethodFigures, ...]
    flows: tuple[FlowFigures, ...]
    """The largest first."""
    passed: tuple[PassedFigures, ...] = ()
    """The largest first."""
    removals: tuple[RemovalFigures, ...] = ()
    """The worst first."""
    cautions: tuple[Caution, ...] = ()
