"""When two scales agree."""

from math import isqrt

from wastetrack.mass import Mass

_PER_MILLE = 1_000


def tolerance(
    declared: Mass, *, per_mille: int, floor_g: int, declared_u: Mass | None, measured_u: Mass | None
) -> Mass:
    """The largest difference that says nothing: the agreed share of the declared mass, but never less than the floor
    nor than what the two scales' own uncertainties explain at two sigma (JCGM 100:2008, 5.1.2)."""
    variance = sum(u.grams**2 for u in (declared_u, measured_u) if u is not None)
    return Mass(max(declared.grams * per_mille // _PER_MILLE, floor_g, 2 * isqrt(variance)))


def agrees(declared: Mass, measured: Mass, within: Mass) -> bool:
    """Whether the difference is within the tolerance."""
    return abs((declared - measured).grams) <= within.grams
