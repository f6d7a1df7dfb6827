"""Whether a question can be asked: columns of one length, rows that refer to what is there, masses that can be."""

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.model import Instance, Tier
from wastetrack.capacity.shaping import named


class Unfit(ValueError):  # noqa: N818 - what an instance is
    """An instance that means nothing, with everything that is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class _Columns:
    """A table's columns, looked over."""

    def __init__(self, name: str, length: int) -> None:
        self.name, self.length, self.faults = name, length, list[str]()

    def refer(self, column: str, values: NDArray[np.int64], count: int, least: int = 0) -> None:
        """Each points into a table with so many rows."""
        if len(values) != self.length:
            self.faults.append(f"{self.name}.{column}: {len(values)} entries for {self.length} rows")
        elif len(values) and (values.min() < least or values.max() >= count):
            self.wrong(column, values, (values < least) | (values >= count), "refers to what is not there")

    def count(self, column: str, values: NDArray[np.int64] | NDArray[np.float64], *, above: bool = False) -> None:
        """None is less than nothing; none is nothing where something must be."""
        if len(values) != self.length:
            self.faults.append(f"{self.name}.{column}: {len(values)} entries for {self.length} rows")
        elif not np.isfinite(values).all() or (values < 0).any():
            self.wrong(column, values, ~np.isfinite(values) | (values < 0), "is less than nothing, or no number")
        elif above and (values <= 0).any():
            self.wrong(column, values, values <= 0, "must be more than nothing")

    def wrong(
        self, column: str, values: NDArray[np.int64] | NDArray[np.float64], which: NDArray[np.bool_], what: str
    ) -> None:
        """The first wrong entries, and how many more there are."""
        rows = np.flatnonzero(which.reshape(self.length, -1).any(axis=1)).tolist()
        self.faults += named(f"{self.name}.{column}", [(row, f"{values[row].tolist()}") for row in rows], what)


def faults(instance: Instance) -> list[str]:
    """Everything that is wrong with an instance."""
    places, plants, lines = instance.places, instance.plants, instance.lines
    categories, periods = len(instance.categories), len(instance.periods)
    told = ["an instance has at least one period"] if not periods else []
    supply = _Columns("supply", len(instance.supply.mass_g))
    supply.refer("place", instance.supply.place, len(places))
    supply.refer("category", instance.supply.category, categories)
    supply.refer("period", instance.supply.period, periods)
    supply.count("mass_g", instance.supply.mass_g)
    stores = _Columns("stores", len(instance.stores.limit_g))
    stores.refer("place", instance.stores.place, len(places))
    stores.refer("category", instance.stores.category, categories)
    stores.count("limit_g", instance.stores.limit_g)
    stores.count("opening_g", instance.stores.opening_g)
    plant = _Columns("plants", len(plants))
    plant.refer("place", plants.place, len(places))
    for name in ("capacity_g", "permitted_g", "overload_g", "storage_g"):
        plant.count(name, getattr(plants, name))
    plant.count("opening_cost", np.nan_to_num(plants.opening_cost))
    for name in ("capacity_g", "overload_g"):
        if getattr(plants, name).shape != (len(plants), periods):
            plant.faults.append(f"plants.{name}: one entry for each plant and period")
    line = _Columns("lines", len(lines))
    line.refer("plant", lines.plant, len(plants))
    line.refer("tier", lines.tier, len(Tier))
    line.refer("first_period", lines.first_period, np.iinfo(np.int64).max)
    line.count("limit_g", lines.limit_g)
    line.count("price", lines.price)
    line.count("load", lines.load, above=True)
    tables = (supply, stores, plant, line, *_relations(instance))
    return told + [fault for table in tables for fault in table.faults]


def _relations(instance: Instance) -> tuple[_Columns, ...]:
    categories, lines = len(instance.categories), len(instance.lines)
    accepts = _Columns("accepts", len(instance.accepts.line))
    accepts.refer("line", instance.accepts.line, lines)
    accepts.refer("category", instance.accepts.category, categories)
    accepts_of = instance.accepts
    pairs = accepts_of.line * max(categories, 1) + accepts_of.category
    if len(np.unique(pairs)) != len(pairs):
        _, first = np.unique(pairs, return_index=True)
        again = np.setdiff1d(np.arange(len(pairs)), first).tolist()
        told = [(row, f"line {accepts_of.line[row]} and category {accepts_of.category[row]}") for row in again]
        accepts.faults += named("accepts", told, "stand there already")
    approvals = _Columns("approvals", len(instance.approvals.limit_g))
    approvals.refer("place", instance.approvals.place, len(instance.places))
    approvals.refer("plant", instance.approvals.plant, len(instance.plants))
    approvals.refer("category", instance.approvals.category, categories)
    approvals.count("limit_g", instance.approvals.limit_g)
    residues = _Columns("residues", len(instance.residues.ratio))
    residues.refer("line", instance.residues.line, lines)
    residues.refer("category", instance.residues.category, categories)
    residues.refer("leaves", instance.residues.leaves, categories)
    residues.count("ratio", instance.residues.ratio)
    return accepts, approvals, residues


def asked(instance: Instance) -> Instance:
    """The instance, if it can be asked."""
    wrong = faults(instance)
    if wrong:
        raise Unfit(wrong)
    return instance
