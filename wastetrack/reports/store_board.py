"""What stands in the stores of a site: how full, how old, what kinds, whether the bund suffices, when a term ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.compatibility import CompatibilityClass, Content, classes_of
from wastetrack.catalogues.jurisdiction import Jurisdiction, jurisdiction
from wastetrack.containers.clocks import Clock, clocks_of
from wastetrack.containers.standing import Containment, Standing, containment, limit_of
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.model import Site, Store
from wastetrack.reports.storage_clocks import JOINS, SINCE, STAY, WATCHED, soonest, stay_of

# Like containers together; those of one hour count as one, for their terms end together.
_BOARD = f"""
select held.store_id, held.waste_name, held.hazards, held.compatibility, held.form, count(*) as containers,
  sum(held.net_g)::bigint as net_g, sum(held.volume_l)::bigint as volume_l, max(held.volume_l) as largest_l,
  min(held.digital_code) as digital_code, {STAY.format(day="$4::date", since=f"date_trunc('hour', {SINCE})")}
from containers held {JOINS}
where held.site_id = $1 and {WATCHED}
group by site.id, firm.id, store.id, facility.id, held.store_id, held.waste_name, held.hazards, held.compatibility,
  held.form, held.waste_code, held.generated_on, held.site_id, held.made_at_site_id,
  date_trunc('hour', coalesce(held.stands_since, held.created_at))
order by held.waste_code, held.waste_name
"""  # noqa: S608  put together from constants of this file


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Containers of one waste in a store."""

    waste_code: str
    waste_name: str
    classes: frozenset[CompatibilityClass]
    containers: int
    net: Mass
    oldest: date
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A store, or what stands in none (`store` None), with all that stands in it and in its zones."""

    store: Store | None
    limit: Mass | None
    containers: int
    net: Mass
    kinds: tuple[Kind, ...]
    oldest: date | None
    clock: Clock | None
    """The term that ends first."""
    bund: Containment | None
    """None where no liquid stands."""


def sees_stock(actor: Actor, site: Site) -> bool:
    """Whether a site's stock is the actor's to see: its own, or in the region it watches."""
    watches = actor.viewer.startswith("r:") and site.region_code.startswith(actor.viewer.removeprefix("r:"))
    return actor.organisation_id == site.organisation_id or watches


def demand_stock(actor: Actor, site: Site) -> None:
    """Raise NotFound unless the site's stock is the actor's to see."""
    if not sees_stock(actor, site):
        raise NotFound("site_unknown", "There is no such site.", site_id=site.id)


async def board(
    session: ReadSession, actor: Actor, site_id: UUID, stores: Sequence[Store], *, at: datetime
) -> list[Shelf]:
    """The stores of a site with what stands in them, in one statement; last what stands in none, if anything does."""
    driver = await session.driver()
    rows = await driver.fetch(_BOARD, site_id, actor.organisation_id, actor.viewer, at.date())
    figures = jurisdiction()
    found = []
    for store in stores:
        within = {store.id, *(zone.id for zone in stores if zone.parent_id == store.id)}
        found.append(
            _shelf(store, _facility(store, stores), [row for row in rows if row["store_id"] in within], figures)
        )
    outside = [row for row in rows if row["store_id"] is None]
    return [*found, _shelf(None, None, outside, figures)] if outside else found


def _facility(store: Store, among: Iterable[Store]) -> Store:
    """The facility of a zone, or the store itself."""
    return next((one for one in among if one.id == store.parent_id), store)


def _shelf(store: Store | None, facility: Store | None, rows: list[Any], figures: Jurisdiction) -> Shelf:
    standing = [_standing(row) for row in rows]
    bund = limit = None
    if store is not None and facility is not None:
        limit = limit_of(store, facility, figures)
        bund = containment(store, facility, standing, figures)
    clocks = [clock for row in rows for clock in clocks_of(stay_of(row), figures)]
    return Shelf(
        store=store,
        limit=limit,
        containers=sum(row["containers"] for row in rows),
        net=sum((one.net for one in standing), ZERO),
        kinds=_kinds(rows),
        oldest=min((row["generated_on"] for row in rows), default=None),
        clock=soonest(clocks),
        bund=bund if bund is not None and bund.needed_l else None,
    )


def _kinds(rows: Iterable[Any]) -> tuple[Kind, ...]:
    together: dict[tuple[str, str, frozenset[CompatibilityClass]], list[Any]] = {}
    for row in rows:
        key = (row["waste_code"], row["waste_name"], classes_of(_standing(row).content))
        together.setdefault(key, []).append(row)
    return tuple(
        Kind(
            waste_code=code,
            waste_name=name,
            classes=classes,
            containers=sum(row["containers"] for row in like),
            net=Mass(sum(row["net_g"] for row in like)),
            oldest=min(row["generated_on"] for row in like),
            hazards=tuple(sorted({letter for row in like for letter in row["hazards"]})),
        )
        for (code, name, classes), like in together.items()
    )


def _standing(row: Any) -> Standing:  # noqa: ANN401  a record
    return Standing(
        store_id=row["store_id"],
        content=Content(row["waste_code"], tuple(row["hazards"]), row["compatibility"]),
        form=row["form"],
        net=Mass(row["net_g"]),
        volume_l=row["volume_l"],
        largest_l=row["largest_l"],
        digital_code=row["digital_code"],
    )
