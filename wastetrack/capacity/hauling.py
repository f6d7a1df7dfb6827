"""What carrying and treating costs: distances by road and published prices, as an instance takes them. Pure.

Where a distance is told of a site and of its county, the site's own counts. What has no distance is reckoned by great
circle, what has no price at the median of its class.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

from wastetrack.capacity.facts import PriceFacts
from wastetrack.capacity.placing import Rows
from wastetrack.catalogues.waste_codes import parse

_FEN = 100
_COUNTY = "county:"


def roads_between(rows: Rows) -> dict[tuple[int, int], float]:
    """Kilometres between places of an instance, as far as the matrix tells them."""
    by_county: dict[str, list[int]] = defaultdict(list)
    by_site: dict[str, list[int]] = {}
    for number, place in enumerate(rows.at):
        by_county[place.region].append(number)
        if not place.id.startswith(_COUNTY):
            by_site[place.id] = [number]
    found: dict[tuple[int, int], float] = {}
    for starts in (by_county, by_site):  # what is told of the site itself comes last, and stays
        for (origin, site_id), km in rows.facts.roads_km.items():
            for end in by_site.get(str(site_id), ()):
                found.update({(start, end): km for start in starts.get(origin, ()) if start != end})
    return found


def prices_of(rows: Rows) -> tuple[list[float], frozenset[int]]:
    """Yuan a tonne of each line, and the lines whose price is published. Who pays for waste takes it for nothing here:
    the solver counts no gain."""
    told: dict[str, list[PriceFacts]] = defaultdict(list)
    for one in rows.facts.prices:
        told[str(one.site_id)].append(one)
    published: dict[int, float] = {}
    for number, line in enumerate(rows.lines):
        fen = _best(told.get(rows.plants[line.plant].id, ()), line.source.pattern, line.source.methods)
        if fen is not None:
            published[number] = max(fen, 0) / _FEN
    of_class: dict[str, list[float]] = defaultdict(list)
    for number, yuan in published.items():
        of_class[_class(rows.lines[number].source.pattern)].append(yuan)
    usual: Mapping[str, float] = {name: median(known) for name, known in of_class.items()}
    prices = [
        published.get(number, usual.get(_class(line.source.pattern), 0.0)) for number, line in enumerate(rows.lines)
    ]
    return prices, frozenset(published)


def _best(told: Iterable[PriceFacts], pattern: str, methods: tuple[str, ...]) -> int | None:
    """That which says most of a line: its own pattern before the class, a method before any."""
    named = [one for one in told if one.pattern in {pattern, _class(pattern)} and one.method in {"", *methods}]
    best = min(named, key=lambda one: (one.pattern != pattern, not one.method, one.method), default=None)
    return None if best is None else best.fen_per_t


def _class(pattern: str) -> str:
    return pattern if pattern.startswith("HW") else parse(pattern).category
