"""Arrays of numbers as rows of an extract's tables."""

import dataclasses
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wastetrack.extracts.columns import Table
from wastetrack.extracts.files import arrow_schema
from wastetrack.simulation.chances import Chances, Whole, Yes

SITE, ORGANISATION, VEHICLE, PERSON, SCALE, PERMIT, FACILITY, APPROVAL = range(1, 9)
MANIFEST, WEIGHING, CONTAINER, SCAN, SIGNATURE, AMENDMENT, BATCH, RESIDUE, STOCK_TAKE, DEVICE, SERIAL = range(9, 20)
ZONE = 20
CARRIERS = 1 << 32
"""Added to the number of a carrier where organisations of sites have the numbers of their sites."""
SIGNERS, GATES = 1 << 32, 2 << 32
"""Added to the number of a site: who signs there, who stands at its gate."""


def instants(seconds: Whole, there: Yes | None = None) -> pa.Array:
    """Seconds of UTC as instants; null where `there` is false."""
    mask = None if there is None else ~there
    return pa.array(seconds * 1_000_000, pa.int64(), mask=mask).cast(pa.timestamp("us", tz="UTC"))


def days(numbers: Whole, there: Yes | None = None) -> pa.Array:
    """Days since 1970 as days."""
    mask = None if there is None else ~there
    return pa.array(numbers.astype(np.int32), pa.int32(), mask=mask).cast(pa.date32())


def some(values: npt.NDArray[np.generic], there: Yes) -> pa.Array:
    """Numbers, null where `there` is false."""
    return pa.array(values, mask=~there)


def words(choices: tuple[str, ...], number: Whole) -> pa.Array:
    """One of the choices for each row; null for -1."""
    return pa.array(choices, pa.string()).take(pa.array(number, mask=number < 0))


def rows(table: Table, columns: Mapping[str, object], count: int) -> pa.Table:
    """A table of an extract; a column that is not given is null, a single value stands in each row."""
    schema = arrow_schema(table)
    if unknown := columns.keys() - set(schema.names):
        raise KeyError(f"{table.name} has no {', '.join(sorted(unknown))}")
    return pa.table([_column(columns.get(field.name), field.type, count) for field in schema], schema=schema)


def _column(given: object, kind: pa.DataType, count: int) -> pa.Array:
    if given is None:
        return pa.nulls(count, kind)
    if isinstance(given, pa.Array):
        return given if given.type == kind else given.cast(kind)
    if isinstance(given, np.ndarray):
        return pa.array(given, kind)
    return pa.repeat(pa.scalar(given, kind), count)


@dataclasses.dataclass(frozen=True)
class Names:
    """Identifiers of the parties, made once; those of records are made as they come."""

    chances: Chances
    sites: int
    carriers: int
    vehicles: int

    def of(self, space: int, number: Whole) -> pa.Array:
        """Of records."""
        return self.chances.names(space, number)

    def of_some(self, space: int, number: Whole, there: Yes) -> pa.Array:
        """The same, null where `there` is false."""
        every = self.chances.names(space, number)
        return every.take(pa.array(np.arange(len(number)), mask=~there))

    @cached_property
    def _sites(self) -> pa.Array:
        return self.of(SITE, np.arange(self.sites))

    @cached_property
    def _organisations(self) -> pa.Array:
        return self.of(ORGANISATION, np.arange(self.sites))

    @cached_property
    def _carriers(self) -> pa.Array:
        return self.of(ORGANISATION, CARRIERS + np.arange(self.carriers))

    @cached_property
    def _vehicles(self) -> pa.Array:
        return self.of(VEHICLE, np.arange(self.vehicles))

    @cached_property
    def _drivers(self) -> pa.Array:
        return self.of(PERSON, np.arange(self.vehicles))

    def site(self, number: Whole) -> pa.Array:
        """Of these sites; null for -1."""
        return self._sites.take(_places(number))

    def organisation(self, site: Whole) -> pa.Array:
        """Who runs these sites."""
        return self._organisations.take(_places(site))

    def carrier(self, number: Whole) -> pa.Array:
        """The organisations of these carriers."""
        return self._carriers.take(_places(number))

    def vehicle(self, number: Whole) -> pa.Array:
        """Of these vehicles."""
        return self._vehicles.take(_places(number))

    def driver(self, vehicle: Whole) -> pa.Array:
        """Who drives these vehicles."""
        return self._drivers.take(_places(vehicle))


def _places(number: Whole) -> pa.Array:
    return pa.array(number, mask=number < 0)
