"""One measured figure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside its yardstick. `ratio` is ours to the yardstick's, above 1 where ours is better; `met` says
    whether the aim (a sentence) holds, None where there is none. `note` says what the figures hide: a part that was
    stopped or is missing, a yardstick that is reckoned from a sample."""

    name: str
    value: float
    unit: str
    yardstick: float
    ratio: float
    aim: str
    met: bool | None
    note: str = ""


def rate(name: str, ours: float, bare: float, unit: str, *, at_least: float) -> Row:
    """Work per second: the ratio is ours / bare."""
    ratio = ours / bare
    return Row(name, round(ours, 2), unit, round(bare, 2), round(ratio, 3), f"ratio >= {at_least}", ratio >= at_least)


def cost(name: str, ours: float, bare: float, unit: str, *, at_most: float) -> Row:
    """Cost of one piece of work: the aim is on the cost itself, the ratio is bare / ours."""
    ratio = bare / ours if ours else 0.0
    return Row(name, round(ours, 3), unit, round(bare, 3), round(ratio, 3), f"value <= {at_most}", ours <= at_most)


def flat(name: str, small: float, large: float, unit: str, *, at_most: float) -> Row:
    """The same work among more data: the yardstick is the figure among less, the ratio is large / small."""
    ratio = large / small if small else 0.0
    return Row(name, round(large, 3), unit, round(small, 3), round(ratio, 3), f"ratio <= {at_most}", ratio <= at_most)
