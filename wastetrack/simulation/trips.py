"""Loads on their way: what truly happened, before anybody weighs or writes."""

import dataclasses

import numpy as np
import numpy.typing as npt

from wastetrack.simulation.chances import Real, Whole, Yes

NEVER = np.iinfo(np.int64).max // 4
"""A second that does not come."""


@dataclasses.dataclass(slots=True, kw_only=True)
class Trips:
    """One row a manifest, seconds in UTC. Schemes change rows in place, and add rows."""

    key: Whole
    """Different for each manifest; all its chances hang on it."""
    stream: Whole
    shipper: Whole
    receiver: Whole
    code: Whole
    carrier: Whole
    vehicle: Whole
    loaded_g: Whole
    """What truly left."""
    delivered_g: Whole
    """What truly arrived."""
    km: Real
    filed_s: Whole
    departed_s: Whole
    arrived_s: Whole
    received_s: Whole
    stop_s: Whole
    """How long it stood on the road, in the middle."""
    copied: Yes
    """The receiver writes what the shipper wrote."""
    told_g: Whole
    """What a gate clerk who takes part writes; -1 where the scale is asked."""
    no_gate: Yes
    """No label was scanned at the gate, and one telephone signed for all."""
    cloned_from: Whole
    """Key of the manifest whose first container's serial the first container bears; -1."""
    written_late_s: Whole
    """How much later than it was received that was written down, by a scheme."""
    price_part: Real
    """Of the usual price."""
    aside_s: Whole
    """How long it was off its road where it had no business, driving there and back included; of `stop_s`."""
    aside_at: Real
    """After which part of the road."""
    aside_km: Real
    """How far off; below 0 on the other side."""
    lured: Yes
    """To a lake rather, where one is near."""
    dark: Yes
    """The receiver of the vehicle was unplugged while it was off the road."""

    def __len__(self) -> int:
        return len(self.key)

    def some(self, rows: Yes | Whole) -> "Trips":
        """These rows."""
        return Trips(**{field.name: getattr(self, field.name)[rows] for field in dataclasses.fields(self)})

    def set_at(self, rows: Yes | Whole, **values: npt.ArrayLike) -> None:
        """Change columns of some rows."""
        for name, value in values.items():
            getattr(self, name)[rows] = value


def joined(several: list[Trips]) -> Trips:
    """One after another; at least one."""
    return Trips(
        **{
            field.name: np.concatenate([getattr(one, field.name) for one in several])
            for field in dataclasses.fields(Trips)
        }
    )


def fresh(
    *,
    key: Whole,
    stream: Whole,
    shipper: Whole,
    receiver: Whole,
    code: Whole,
    carrier: Whole,
    loaded_g: Whole,
    filed_s: Whole,
) -> Trips:
    """Trips that are wanted at `filed_s` and not yet driven."""
    count = len(key)
    never, none = np.full(count, NEVER), np.full(count, -1)
    return Trips(
        key=key, stream=stream, shipper=shipper, receiver=receiver, code=code, carrier=carrier, vehicle=none.copy(),
        loaded_g=loaded_g, delivered_g=loaded_g.copy(), km=np.zeros(count), filed_s=filed_s, departed_s=never.copy(),
        arrived_s=never.copy(), received_s=never.copy(), stop_s=np.zeros(count, np.int64), copied=np.zeros(count, bool),
        told_g=none.copy(), no_gate=np.zeros(count, bool), cloned_from=none.copy(),
        written_late_s=np.zeros(count, np.int64), price_part=np.ones(count),
        aside_s=np.zeros(count, np.int64), aside_at=np.zeros(count), aside_km=np.zeros(count),
        lured=np.zeros(count, bool), dark=np.zeros(count, bool),
    )  # fmt: skip
