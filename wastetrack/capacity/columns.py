"""Columns of a programme by what they mean, in the solver's order."""

from dataclasses import dataclass

import numpy as np

from wastetrack.capacity.model import Positions

CARRIED, UNMATCHED, KEPT, WAITING, OVERLOAD, OPENS = range(6)
"""Kinds: along a way, nowhere, at the place where it arose, at a plant before treatment, beyond a plant's capacity; and
whether a plant that does not stand yet is opened."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What stands as columns: its kind, its row in the table of the kind, its period; in the solver's order."""

    kind: Positions
    what: Positions
    """Of a carried mass the number among all ways; a stream, a row of accepts, a plant."""
    period: Positions
    """0 of a plant that is opened."""

    def __len__(self) -> int:
        return len(self.kind)

    @staticmethod
    def of(*parts: tuple[int, Positions, Positions]) -> "Columns":
        """Of kinds, with what and period."""
        kinds = [np.full(len(what), kind, dtype=np.int64) for kind, what, _ in parts]
        return Columns(*(np.concatenate(each) for each in (kinds, *zip(*((b, c) for _, b, c in parts), strict=True))))

    def __add__(self, more: "Columns") -> "Columns":
        pairs = ((self.kind, more.kind), (self.what, more.what), (self.period, more.period))
        return Columns(*(np.concatenate(pair) for pair in pairs))

    def keys(self, most: int) -> Positions:
        """A number for each, where `most` is more than any `what` or period."""
        return (self.kind * most + self.what) * most + self.period
