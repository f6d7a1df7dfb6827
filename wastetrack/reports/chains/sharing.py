"""Whole grams shared out in proportion, so that nothing is lost by rounding."""

from collections.abc import Sequence


def share(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in parts that are to each other as the weights, and add up to it: the largest remainders are rounded up.

    Without any weight the first part gets all.
    """
    whole = sum(weights)
    if not weights:
        return []
    if whole <= 0:
        return [total, *(0 for _ in weights[1:])]
    parts = [total * weight // whole for weight in weights]
    rests = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in rests[: total - sum(parts)]:
        parts[place] += 1
    return parts


def spread(sources: Sequence[int], targets: Sequence[int]) -> list[list[tuple[int, int]]]:
    """What went from each source into each target, and what arrived of it, by mass: rows of (sent, arrived).

    What is sent adds up to each source, what arrives to each target.
    """
    sent = [share(mass, targets) for mass in sources]
    arrived = [share(mass, sources) for mass in targets]
    return [
        [(sent[source][target], arrived[target][source]) for target in range(len(targets))]
        for source in range(len(sources))
    ]
