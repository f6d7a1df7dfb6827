"""Whether a store can take more: it is of the site and in use, and every rule of standing.py allows it.

Two statements, also at the gate: the place is locked, then what stands in its facility is added up by content.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from wastetrack.catalogues.compatibility import CompatibilityClass, Content
from wastetrack.catalogues.general_wastes import parse_any
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers.model import Description
from wastetrack.containers.standing import Standing, why_not_here
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties.store_queries import Place, place_for_use

_STANDING = """
select store_id, waste_code, hazards, compatibility, form, sum(net_g)::bigint as net_g,
  sum(volume_l)::bigint as volume_l, max(volume_l) as largest_l, min(digital_code) as digital_code
from containers
where store_id in (select id from stores where id = any($1::uuid[]) or parent_id = any($1::uuid[]))
  and id <> all($2::uuid[])
group by store_id, waste_code, hazards, compatibility, form
"""


async def check_store(
    session: WriteSession,
    store_id: UUID,
    site_id: UUID,
    coming: Sequence[Standing],
    *,
    moving: Sequence[UUID] = (),
) -> list[Broken]:
    """Why these containers may not go there; empty when they may. `moving` are those of them that stand somewhere
    already, and are not counted twice. Raises NotFound for an unknown store."""
    place = await place_for_use(session, store_id)
    broken = why_not_used(place, site_id)
    if broken or not coming:
        return broken
    standing = await standing_in(session, [place.facility.id], leaving_out=moving)
    return why_not_here(place.store, place.facility, standing, coming, jurisdiction())


def why_not_used(place: Place, site_id: UUID) -> list[Broken]:
    """Why nothing at all can be put there."""
    store = place.store
    if store.site_id != site_id:
        message = "Store {value} is not at this site."
        return [Broken("store_id", "store_elsewhere", message, store.code, next_step="Choose a store of this site.")]
    if not (store.is_open and place.facility.is_open):
        message = "Store {value} is closed."
        return [Broken("store_id", "store_closed", message, store.code, next_step="Choose a store that is in use.")]
    if place.has_zones:
        message = "Store {value} is divided into zones; containers stand in one of them."
        step = "Choose one of its zones."
        return [
            Broken("store_id", "store_has_zones", message, store.code, article="GB 18597-2023 6.1.2", next_step=step)
        ]
    return []


async def standing_in(
    session: ReadSession, facility_ids: Iterable[UUID], *, leaving_out: Iterable[UUID] = ()
) -> list[Standing]:
    """What stands in some facilities and their zones, by store and content, in one statement."""
    rows = await (await session.driver()).fetch(_STANDING, list(facility_ids), list(leaving_out))
    return [
        Standing(
            store_id=row["store_id"],
            content=Content(row["waste_code"], tuple(row["hazards"]), row["compatibility"]),
            form=row["form"],
            net=Mass(row["net_g"]),
            volume_l=row["volume_l"],
            largest_l=row["largest_l"],
            digital_code=row["digital_code"],
        )
        for row in rows
    ]


def coming_from(
    row: ContainerRow, *, stated: CompatibilityClass | None = None, described: Description | None = None
) -> Standing:
    """A container that stands at the site already, as one that comes into a store: as it is, or with a class stated
    anew, or under another description."""
    content = Content(row.waste_code, tuple(row.hazards), stated or row.compatibility)
    form = row.form
    if described is not None:
        content = Content(str(parse_any(described.waste_code)), tuple(described.hazards), described.compatibility)
        form = described.form.value
    return Standing(
        content=content,
        form=form,
        net=Mass(row.net_g),
        volume_l=row.volume_l,
        largest_l=row.volume_l,
        digital_code=row.digital_code,
    )
