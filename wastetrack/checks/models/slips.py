"""Slips of a clerk, by the signature that they leave in two weights of one load.

A wrong figure is no lost load. Five slips have a signature that a loss has only by chance: more than a vehicle
carries, a factor of ten, gross written for net (the weights differ by the vehicle), two figures exchanged (putting them
back makes the weights agree, or the difference is nine times the unit of the second figure, the old test of
bookkeepers), and one that was put right later.
"""

import math

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import holds

AMENDED, TOO_HEAVY, TENFOLD, TARE, DIGITS, NONE = "amended", "too_heavy", "tenfold", "tare", "digits", "none"
TENFOLD_DECADES = 0.04
"""About a factor of ten: 9.1 to 11, which leaves room for what dries and what scales err by."""
UNIT_G = 1000
"""Clerks write kilograms."""
PLACES = 5
"""Pairs of neighbouring figures of a mass in kilograms: up to 999 t."""


def signature(rows: ir.Table, most_g: float) -> ir.StringValue:
    """Of rows with `sent_g`, `taken_g`, `tare_g` (may be null), `share`, the part that is expected to be lost, and
    `room_g`, within which two weights agree."""
    decades = (rows.sent_g / rows.taken_g).log10()
    tenfold = (decades.abs() > 0.5) & ((decades - decades.round(0)).abs() <= TENFOLD_DECADES)  # noqa: PLR2004  half a decade
    return ibis.cases(
        (ibis.greatest(rows.sent_g, rows.taken_g) > most_g, TOO_HEAVY),
        (tenfold, TENFOLD),
        (holds((rows.tare_g > 0) & (_off_tare(rows) <= rows.room_g)), TARE),
        (_off_figures(rows) <= rows.room_g, DIGITS),
        else_=NONE,
    )


def off_mark(rows: ir.Table, slip: ir.StringValue) -> ir.FloatingValue:
    """Grams by which the weights miss what that slip would make of them; null for one that has no such mark."""
    return ibis.cases((slip == TARE, _off_tare(rows)), (slip == DIGITS, _off_figures(rows)))


def _off_tare(rows: ir.Table) -> ir.FloatingValue:
    return (_difference(rows) - rows.tare_g).abs()


def _difference(rows: ir.Table) -> ir.FloatingValue:
    """Without what is expected to be lost of the lesser weight: the greater is the slip."""
    return (rows.sent_g - rows.taken_g - ibis.least(rows.sent_g, rows.taken_g) * rows.share).abs()


def _off_figures(rows: ir.Table) -> ir.FloatingValue:
    """By how much the weights differ once two neighbouring figures of either are put back."""
    left = rows.sent_g * (1.0 - rows.share)
    back = [
        (_swapped(one, place) - other).abs()
        for one, other in ((rows.sent_g, rows.taken_g / (1.0 - rows.share)), (rows.taken_g, left))
        for place in range(PLACES)
    ]
    return ibis.least(*back, _off_nines(rows, rows.sent_g), _off_nines(rows, rows.taken_g))


def _swapped(mass: ir.IntegerValue, place: int) -> ir.IntegerValue:
    """The mass with its figure of 10^place kilograms and the next greater one exchanged."""
    unit = UNIT_G * 10**place
    low = (mass // unit) % 10
    high = (mass // (unit * 10)) % 10
    return mass + (low - high) * 9 * unit


def _off_nines(rows: ir.Table, right: ir.IntegerValue) -> ir.FloatingValue:
    """By how much the difference misses one to eight times nine units of the second figure of the right weight."""
    leading = ((right.cast("float64").log10() - 1.0 + 1e-9).floor() * math.log(10.0)).exp() * 9.0
    difference = _difference(rows)
    times = (difference / leading).round(0).clip(lower=1, upper=8)
    return (difference - times * leading).abs()
