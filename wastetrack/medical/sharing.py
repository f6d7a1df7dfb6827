"""A mass that was weighed as a whole, shared among its bags in whole grams."""

from collections.abc import Sequence


def shares(total: int, declared: Sequence[int]) -> list[int]:
    """`total` in proportion to what was declared; the grams left over by rounding go to the largest remainders, and
    none gets less than one. The shares add up to the total, which must be enough for one each."""
    whole, spare = sum(declared), total - len(declared)
    exact = [divmod(spare * one, whole) for one in declared]
    given = [1 + quotient for quotient, _ in exact]
    by_remainder = sorted(range(len(declared)), key=lambda place: (-exact[place][1], place))
    for place in by_remainder[: total - sum(given)]:
        given[place] += 1
    return given
