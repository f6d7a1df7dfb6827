"""Meters at the two ends of a pipe or belt (令23 art. 19), and what a figure read off one of them weighs."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.manifests.model import PartyRole
from wastetrack.mass import Mass


class MeterKind(StrEnum):
    """What counts."""

    MASS_FLOW = "mass_flow"  # 质量流量计
    VOLUME_FLOW = "volume_flow"  # 体积流量计
    BELT_SCALE = "belt_scale"  # 皮带秤
    LEVEL = "level"  # 液位计, by the difference in a tank


class MeterUnit(StrEnum):
    """In what it counts."""

    KG = "kg"
    T = "t"
    L = "L"
    M3 = "m3"


_GRAMS = {MeterUnit.KG: 1_000, MeterUnit.T: 1_000_000}
_LITRES = {MeterUnit.L: 1, MeterUnit.M3: 1_000}
# From liquefied gas to mercury; what lies outside is a slipped unit.
_DENSITIES = range(100, 14_001)
_MOST_PER_MILLE = 200
# More than the widest pipe of a chemical works moves in a day.
MOST_A_DAY = Mass(100_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMeter:
    """Command: a meter stands at a site."""

    site_id: UUID
    code: str
    name: str
    kind: MeterKind
    unit: MeterUnit
    density_g_per_l: int | None = None
    """Of the waste, where volume is counted."""
    uncertainty_per_mille: int
    """Relative standard uncertainty, as its certificate says."""
    verified_on: date
    verified_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterReading:
    """Command: what one end counted on a day; entered again with a reason, it is corrected.

    `value` is in the unit of the meter. Without a meter the figure is the other end's (`takes_over`): then a reason
    says why one's own meter counted nothing.
    """

    manifest_id: UUID
    waste_code: str
    day: date
    side: PartyRole
    meter_id: UUID | None = None
    value: Decimal | None = None
    takes_over: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareMissing:
    """Command: the shipper closes a day for which the receiver gave no reading in time."""

    manifest_id: UUID
    waste_code: str
    day: date
    reason: str


def check_meter(command: RegisterMeter, today: date) -> list[Broken]:
    """Which rules a meter breaks."""
    broken = [
        Broken(name, "missing", "This is needed.") for name in ("code", "name") if not getattr(command, name).strip()
    ]
    counts_volume = command.unit in _LITRES
    if counts_volume and command.density_g_per_l not in _DENSITIES:
        message = "A meter that counts volume needs the density of the waste, {least} to {most} g/L."
        facts: dict[str, object] = {"least": _DENSITIES.start, "most": _DENSITIES.stop - 1}
        step = "Give grams per litre; water has 1000."
        broken.append(
            Broken(
                "density_g_per_l", "density_implausible", message, command.density_g_per_l, facts=facts, next_step=step
            )
        )
    if not counts_volume and command.density_g_per_l is not None:
        step = "Leave it empty."
        message = "A meter that counts mass needs no density."
        broken.append(Broken("density_g_per_l", "density_needless", message, command.density_g_per_l, next_step=step))
    if not 0 <= command.uncertainty_per_mille <= _MOST_PER_MILLE:
        message = "An uncertainty of {value} ‰ is not that of a meter (0 to {limit})."
        broken.append(
            Broken(
                "uncertainty_per_mille",
                "uncertainty_absurd",
                message,
                command.uncertainty_per_mille,
                facts={"limit": _MOST_PER_MILLE},
                next_step="Read it off the certificate: one standard deviation in parts of a thousand.",
            )
        )
    if not command.verified_on <= today or command.verified_until < command.verified_on:
        message = "The verification from {value} to {until} cannot be."
        facts = {"until": command.verified_until.isoformat()}
        broken.append(
            Broken(
                "verified_until",
                "verification_implausible",
                message,
                command.verified_on.isoformat(),
                article="计量法 art. 9",
                facts=facts,
                next_step="Give the day of the certificate and the day until which it holds.",
            )
        )
    return broken


def grams_of(value: Decimal, unit: MeterUnit, density_g_per_l: int | None) -> Mass:
    """What a figure weighs, to the nearest gram."""
    factor = _GRAMS.get(unit) or _LITRES[unit] * (density_g_per_l or 0)
    return Mass(int((value * factor).to_integral_value(ROUND_HALF_EVEN)))


def check_value(value: Decimal, unit: MeterUnit, density_g_per_l: int | None) -> list[Broken]:
    """A figure of a day is nothing or more, and not that of a river."""
    try:
        counted = grams_of(value, unit, density_g_per_l)
    except (InvalidOperation, ValueError, OverflowError):
        return [Broken("value", "value_unreadable", "“{value}” is not a number.", str(value))]
    if Mass(0) <= counted <= MOST_A_DAY:
        return []
    message = "{value} {unit} in one day is not what a pipe moves."
    step = "Give what was counted on this day alone, in the unit of the meter."
    return [Broken("value", "value_absurd", message, str(value), facts={"unit": unit.value}, next_step=step)]
