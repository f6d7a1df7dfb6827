"""What a forecast expects of each site: by code and month, among the sites as they made it. Pure.

A forecast speaks of a region's code and month; a matching needs sites. The next twelve months stand for the year, each
at its place in the calendar. Grams are kept: what the sites are given is what was forecast.
"""

from collections import defaultdict
from collections.abc import Mapping

from wastetrack.capacity.facts import MONTHS, OF_SITE, Facts
from wastetrack.capacity.forecast import CategoryForecast, RegionForecast
from wastetrack.capacity.permitted import share
from wastetrack.catalogues.general_wastes import is_general

_MIDDLE, _HIGH = 1, 2


def years_of(forecast: RegionForecast) -> range:
    """The years for which it may stand: those in which its months lie."""
    last = forecast.known_until.year * MONTHS + forecast.known_until.month - 1 + forecast.ahead
    return range((last - forecast.ahead + 1) // MONTHS, last // MONTHS + 1)


def expected(
    forecast: RegionForecast, facts: Facts, planned_g: Mapping[OF_SITE, int], *, high: bool
) -> tuple[dict[OF_SITE, tuple[int, ...]], tuple[str, ...]]:
    """What arises by site and code, month by month; and the codes of which no site is known.

    Among sites as they made it in the last twelve months; of what nobody made in them, as their plans say.
    """
    made: dict[str, dict[OF_SITE, int]] = defaultdict(dict)
    for key, months in facts.arisen_g.items():
        if sum(months) and key[0] in facts.sites and facts.lies_here(key[0]):
            made[key[1]][key] = sum(months)
    for key in planned_g:
        made[key[1]].setdefault(key, 0)
    found: dict[OF_SITE, tuple[int, ...]] = {}
    lost = []
    for one in forecast.categories:
        if is_general(one.code) or not any(year := _year(one, forecast, high=high)):
            continue
        weights = made.get(one.code, {})
        if not sum(weights.values()):
            weights = {key: planned_g[key] for key in weights}
        if not sum(weights.values()):
            lost.append(one.code)
            continue
        found.update(_shared(year, weights))
    return found, tuple(lost)


def _year(one: CategoryForecast, forecast: RegionForecast, *, high: bool) -> tuple[int, ...]:
    """Its months from January on. The upper bound is that of the year, which is less than those of its months."""
    told = (one.high_g if high else one.middle_g)[:MONTHS]
    first = forecast.known_until.month  # of the month after it, from 0
    months = [0] * MONTHS
    for number, grams in enumerate(share(one.year_g[_HIGH if high else _MIDDLE], told, sum(told) or 1)):
        months[(first + number) % MONTHS] += grams
    return tuple(months)


def _shared(year: tuple[int, ...], weights: Mapping[OF_SITE, int]) -> dict[OF_SITE, tuple[int, ...]]:
    keys = sorted(weights, key=lambda key: str(key[0]))
    whole = sum(weights.values())
    portions = [share(grams, [weights[key] for key in keys], whole) for grams in year]
    found = {key: tuple(portion[place] for portion in portions) for place, key in enumerate(keys)}
    return {key: months for key, months in found.items() if any(months)}
