"""Judge the version in the making: its class, and everything that is still missing or wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.facility_queries import facilities_of
from wastetrack.parties.model import Organisation, Site
from wastetrack.parties.permit_queries import permits_by_holder_in
from wastetrack.plans import actuals
from wastetrack.plans.actuals import Actuals
from wastetrack.plans.classing import class_of
from wastetrack.plans.content import Content
from wastetrack.plans.content_rules import Known, Line, Receiver, why_not_file
from wastetrack.plans.policy import FULL_YEARS, Classification
from wastetrack.plans.tables import PlanRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a content is, on a day."""

    site: Site
    classification: Classification
    known: Known
    actuals: Actuals
    broken: tuple[Broken, ...]


async def judge(
    session: ReadSession, actor: Actor, row: PlanRow, content: Content, *, used: Mapping[Line, Mass], at: datetime
) -> Judged:
    """Hold a content against register, lists and ledger. `used` is what manifests have taken already."""
    site = await parties.site(session, row.site_id)
    facilities = await facilities_of(session, actor, row.site_id)
    ledger = await actuals_of(session, row.site_id, row.year)
    found = await class_of(
        session, site, content.unit, year=row.year, on=legal_day(at), actuals=ledger, facilities=facilities
    )
    known = Known(
        year=row.year,
        on=legal_day(at),
        region_code=site.region_code,
        facilities=facilities,
        lists=await catalogues.snapshot(session),
        receivers=await _receivers(session, content, row.year),
        used=used,
    )
    return Judged(
        site=site,
        classification=found,
        known=known,
        actuals=ledger,
        broken=why_not_file(content, found.management_class, known),
    )


async def _receivers(session: ReadSession, content: Content, year: int) -> dict[UUID, Receiver]:
    wanted = {line.receiver_id for line in content.transfer if line.receiver_id is not None}
    firms = await parties.organisations_by_id(session, wanted)
    permits = await permits_by_holder_in(session, wanted, year)
    sites = await parties.sites_by_organisation(session, wanted)
    return {
        firm.id: Receiver(
            name=firm.name,
            provinces=frozenset(place.region_code[:2] for place in sites.get(firm.id) or (firm,)),
            permits=permits.get(firm.id, ()),
        )
        for firm in firms.values()
    }


async def actuals_of(session: ReadSession, site_id: UUID, year: int) -> Actuals:
    """What the ledger says of a site, from three years before the year to its end."""
    return (await actuals.of_sites(session, (site_id,), first_year=year - FULL_YEARS, last_year=year))[site_id]


def particulars_of(firm: Organisation, site: Site, known: Known) -> dict[str, Any]:
    """What the register says on the day, so that the version stays whole whatever the register says later."""
    return {
        "name": firm.name,
        "credit_code": firm.credit_code,
        "site": site.name,
        "site_address": site.address,
        "region_code": site.region_code,
        "longitude": str(site.longitude),
        "latitude": str(site.latitude),
        "facilities": {
            one.code: {
                "kind": one.kind.value,
                "name": one.name,
                "process_unit": one.process_unit,
                "process": one.process,
                "parameters": one.parameters,
                "capacity": one.capacity_text(),
            }
            for one in known.facilities
        },
        "receivers": {
            str(receiver_id): {"name": one.name, "permits": [permit.number for permit in one.permits]}
            for receiver_id, one in known.receivers.items()
        },
    }
