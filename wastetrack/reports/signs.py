"""The signs of a site, from its stores, its facilities and what lies there."""

from collections import defaultdict
from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.compatibility import CompatibilityClass, classes_of
from wastetrack.containers import queries as containers
from wastetrack.containers.stores import standing_in
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.i18n import label
from wastetrack.parties import queries as parties
from wastetrack.parties.facilities import FacilityKind
from wastetrack.parties.facility_queries import facility
from wastetrack.parties.model import Organisation, Site, Store, usable
from wastetrack.reports.sign_pdf import (
    FacilityPurpose,
    FacilitySign,
    ZoneFigures,
    ZoneSign,
    facility_sign_pdf,
    facility_size,
    zone_sign_pdf,
    zone_size,
)

PURPOSES = {
    FacilityKind.STORAGE: FacilityPurpose.STORAGE,
    FacilityKind.USE: FacilityPurpose.USE,
    FacilityKind.DISPOSAL: FacilityPurpose.DISPOSAL,
}
"""Which kinds of facility have a sign of HJ 1276-2022."""


class SignKind(StrEnum):
    """Which sign is printed."""

    ZONE = "zone"  # 贮存分区标志: the plan of the stores, hung up in one of them
    STORE = "store"  # 贮存设施标志 of a store
    FACILITY = "facility"  # 贮存、利用、处置设施标志 of a facility


async def sign(
    session: ReadSession, actor: Actor, site_id: UUID, kind: SignKind, of_id: UUID, *, metres: float
) -> bytes:
    """A sign as PDF, in the least size that is read from so many metres. Raises NotFound for what is not there."""
    site = await parties.site(session, site_id)
    owner = await parties.organisation(session, site.organisation_id)
    if kind is SignKind.ZONE:
        stores = await parties.stores_of(session, actor, site_id)
        return zone_sign_pdf(await _zones(session, site, stores, of_id), zone_size(metres))
    if kind is SignKind.STORE:
        store = _store(await parties.stores_of(session, actor, site_id), of_id)
        shown = _facility_sign(owner, FacilityPurpose.STORAGE, store.code, store.name)
    else:
        found = await facility(session, actor, of_id)
        if found.site_id != site_id or found.kind not in PURPOSES:
            raise NotFound("sign_unknown", "There is no sign for this facility.", facility_id=of_id)
        shown = _facility_sign(owner, PURPOSES[found.kind], found.code, found.name)
    return facility_sign_pdf(shown, facility_size(metres))


async def _zones(session: ReadSession, site: Site, stores: tuple[Store, ...], here_id: UUID) -> ZoneSign:
    """The zones of the site's stores; a store that is not divided is a zone of its own. Behind a zone's name stands how
    what lies there behaves beside others (GB 18597-2023, 6.1.2)."""
    here = _store(stores, here_id)
    places = usable(stores)
    lying = await containers.wastes_in_stores(session, [place.id for place in places])
    classes: dict[UUID, set[CompatibilityClass]] = defaultdict(set)
    for one in await standing_in(session, [place.parent_id or place.id for place in places]):
        if one.store_id is not None:
            classes[one.store_id] |= classes_of(one.content) - {CompatibilityClass.INERT}
    zones = tuple(
        ZoneFigures(place.code, zone_name(place.name, classes[place.id]), lying.get(place.id, ())) for place in places
    )
    return ZoneSign(place=site.name, zones=zones, here=here.code)


def zone_name(name: str, classes: Collection[CompatibilityClass]) -> str:
    """A zone's name with the classes that it holds, as the sign says them: in Chinese."""
    said = "、".join(label(one, "zh") for one in CompatibilityClass if one in classes)
    return f"{name}（{said}）" if said else name


def _store(stores: tuple[Store, ...], store_id: UUID) -> Store:
    store = next((store for store in stores if store.id == store_id), None)
    if store is None:
        raise NotFound("store_unknown", "There is no such store.", store_id=store_id)
    return store


def _facility_sign(owner: Organisation, purpose: FacilityPurpose, code: str, name: str) -> FacilitySign:
    return FacilitySign(
        purpose=purpose,
        unit_name=owner.name,
        code=code,
        contact=f"{owner.contact_name} {owner.contact_phone}".strip(),
        number=name,
    )
