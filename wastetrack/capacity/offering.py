"""Who can take a waste on a day: every receiver near a site, the best first, and why the others cannot.

What the filing asks of a receiver is asked here of all of them: permit, yearly quantity (without what is booked or set
aside), approval where the waste leaves its province. Whom an approval point to point from the site names needs no
permit, nor does an exempt user that the site's filed plan names (permitless.py). Set-based: the same number of
statements for one receiver as for hundreds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from wastetrack.approvals import queries as approvals
from wastetrack.approvals.covering import Held
from wastetrack.approvals.covering import covering as approval_covering
from wastetrack.approvals.model import ApprovalKind
from wastetrack.auth.model import Actor
from wastetrack.capacity.reaching import reach, uploaded_km
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.waste_codes import WasteCode, parse
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, Forbidden, refuse
from wastetrack.manifests import permitless, reservation_queries
from wastetrack.manifests.checking import cross_province_missing
from wastetrack.manifests.permitless import Aside, ExemptUse, Permitless
from wastetrack.manifests.reservation_queries import Day
from wastetrack.manifests.reservations import Terms, why_not_day, why_not_within
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.parties.permit_queries import permits_by_holder_in
from wastetrack.parties.permits import Permit, PermitItem
from wastetrack.parties.permits import covering as permit_covering
from wastetrack.plans import contract_queries

MOST: Final = 300
"""Sites that are looked at, the nearest first."""


class OfferOrder(StrEnum):
    """By what receivers are ranked; those in the province come first in any case."""

    DISTANCE = "distance"
    PRICE = "price"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A waste that wants a receiver. No method: by any that a permit allows."""

    site_id: UUID
    waste_code: str
    mass: Mass
    on: date
    method: str = ""
    order: OfferOrder = OfferOrder.DISTANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A receiver, and what it has for this waste on that day."""

    site_id: UUID
    site: str
    firm_id: UUID
    firm: str
    region_code: str
    km: int
    by_road: bool
    """Whether an uploaded matrix says so; else it is a great circle times 1.3."""
    is_across: bool
    """In another province."""
    method: str
    """By which it would be taken; empty where no permit says one."""
    yearly: Mass | None
    free: Mass | None
    """Of the permit's line in that year: neither booked nor set aside."""
    storage: Mass | None
    """Free in its stores; told only of those that take reservations."""
    day: Day | None
    """What it said of the day."""
    fen_per_t: int | None
    has_contract: bool
    terms: Terms | None
    basis: TransferBasis = TransferBasis.PERMIT
    """On what ground it would take it."""
    without: Permitless | None = None
    """Why it needs no permit, where it has none for this."""
    broken: tuple[Broken, ...] = ()
    """Why it cannot take it."""
    unreservable: tuple[Broken, ...] = ()
    """Why nothing can be set aside with it, though it may take the waste."""

    @property
    def can_reserve(self) -> bool:
        """Whether so much can be set aside now."""
        return not self.broken and not self.unreservable and self.terms is not None and self.terms.is_open


@dataclass(frozen=True, slots=True)
class Ranked:
    """Those that can take it, the best first; those that cannot, the nearest first."""

    possible: tuple[Offered, ...]
    excluded: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class StandingWaste:
    """So much of a waste stands free at a site."""

    waste_code: str
    waste_name: str
    net: Mass


async def standing(session: ReadSession, actor: Actor, site_id: UUID) -> list[StandingWaste]:
    """What of one's own stands at a site and could be sent, by code, the most first."""
    rows = await (await session.driver()).fetch(_STANDING, site_id, actor.organisation_id)
    return [StandingWaste(row["waste_code"], row["waste_name"], Mass(row["net_g"])) for row in rows]


# As the crow flies, near enough to choose by; the great circle follows for those that are chosen.
_NEAR = """
select site.id, site.name, site.region_code, site.latitude, site.longitude, firm.id as firm_id, firm.name as firm
from organisations firm join sites site on site.organisation_id = firm.id
where site.id <> $1 and (site.id = any($5::uuid[]) or 'disposer' = any(firm.kinds)
  and site.kind in ('treatment', 'collection') and exists (select from permits permit
    where permit.organisation_id = firm.id and (permit.site_id is null or permit.site_id = site.id)))
order by (site.latitude - $2) ^ 2 + ((site.longitude - $3) * cos(radians($2::float8))) ^ 2, site.id
limit $4
"""
_USED = """
select permit_item_id, booked_g, held_g from permit_uses where permit_item_id = any($1::uuid[]) and year = $2
"""
_STANDING = """
select waste_code, min(waste_name) as waste_name, sum(net_g)::bigint as net_g from containers
where site_id = $1 and organisation_id = $2 and state = 'at_site' and held_for is null and treatment_batch_id is null
  and waste_code !~ '-S[0-9]{2}$'
group by waste_code order by sum(net_g) desc, waste_code limit 30
"""
_OVERDUE = "select permit_item_id, grams from reservations_overdue($1, $2::uuid[], $3::smallint)"
_STORAGE = "select site_id, limit_g, stands_g from intake_storage($1::uuid[])"
_APPROVED = "select id, booked_g from approval_items where id = any($1::uuid[])"


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of all of them."""

    permits: Mapping[UUID, tuple[Permit, ...]]
    used: Mapping[UUID, int]
    terms: Mapping[UUID, Terms]
    days: Mapping[UUID, Mapping[date, Day]]
    storage: Mapping[UUID, Mass]
    partners: frozenset[UUID]
    approvals: Sequence[Held]
    approved: Mapping[UUID, int]
    exempt: Mapping[UUID, tuple[ExemptUse, ...]]
    uploaded: Mapping[UUID, float]
    aside: Aside


async def offers(session: ReadSession, actor: Actor, sought: Sought, *, at: datetime) -> Ranked:
    """Rank the receivers near a site of one's own.

    Raises NotFound, Forbidden for another firm's site, RuleBroken for what is no hazardous waste of the list.
    """
    site = await parties.site(session, sought.site_id)
    if actor.organisation_id != site.organisation_id:
        raise Forbidden("other_organisation", "Only the organisation whose site, vehicle or paper this is may do this.")
    lists = await catalogues.snapshot(session)
    broken = list(lists.why_not_code(sought.waste_code, sought.on))
    if sought.method:
        broken += lists.why_not_treatment(sought.method, sought.on)
    if not broken and is_general(sought.waste_code):
        message = "{value} is general industrial solid waste, for which permits have no quantities."
        broken.append(Broken("waste_code", "waste_of_other_sort", message, sought.waste_code))
    if sought.mass <= ZERO:
        broken.append(Broken("mass", "mass_not_positive", "The mass is more than nothing.", sought.mass.grams))
    refuse(broken)
    code = parse(sought.waste_code)
    driver = await session.driver()
    kinds = (ApprovalKind.CROSS_PROVINCE, ApprovalKind.POINT_TO_POINT)
    asked = await approvals.held_for(session, site.organisation_id, site.id, kinds)
    exempt = await permitless.exempt_uses(session, site.id, str(code), sought.on, lists.exemptions_on(sought.on))
    named = [*permitless.named_directly(asked, str(code)), *exempt]
    near = await driver.fetch(_NEAR, site.id, site.latitude, site.longitude, MOST, named)
    known = await _read(session, actor, asked, near, code=code, sought=sought, at=at)
    uploaded = await uploaded_km(session, site, [row["id"] for row in near])
    aside: Aside = {}
    if named:
        aside = await permitless.set_aside(session, site.id, str(code), sought.on.year, at=at)
    known = replace(known, exempt=exempt, uploaded=uploaded, aside=aside)
    found = [_judge(site, row, code, sought, known) for row in near]
    possible = sorted((one for one in found if not one.broken), key=lambda one: _rank(one, sought))
    excluded = sorted((one for one in found if one.broken), key=lambda one: (one.km, one.firm))
    return Ranked(tuple(possible), tuple(excluded))


async def _read(
    session: ReadSession,
    actor: Actor,
    asked: Sequence[Held],
    near: Sequence[Any],
    *,
    code: WasteCode,
    sought: Sought,
    at: datetime,
) -> _Known:
    site_ids = [row["id"] for row in near]
    held = await permits_by_holder_in(session, {row["firm_id"] for row in near}, sought.on.year)
    items = [item.id for permits in held.values() for permit in permits for item in permit.items if item.names(code)]
    driver = await session.driver()
    used: dict[UUID, int] = defaultdict(int)
    for row in await driver.fetch(_USED, items, sought.on.year):
        used[row["permit_item_id"]] = row["booked_g"] + row["held_g"]
    for row in await driver.fetch(_OVERDUE, at, items, sought.on.year):
        used[row["permit_item_id"]] -= row["grams"]
    storage = {
        row["site_id"]: Mass(max(0, row["limit_g"] - row["stands_g"]))
        for row in await driver.fetch(_STORAGE, site_ids)
        if row["limit_g"] is not None
    }
    lines = [item.id for one in asked for item in one.items if item.waste_code == str(code)]
    return _Known(
        permits=held,
        used=used,
        terms=await reservation_queries.terms_of(session, site_ids),
        days=await reservation_queries.days_of(session, site_ids, sought.on, sought.on, at=at),
        storage=storage,
        partners=await contract_queries.receivers_in_force(session, actor, str(code), sought.on),
        approvals=asked,
        approved={row["id"]: row["booked_g"] for row in await driver.fetch(_APPROVED, lines)} if lines else {},
        exempt={},
        uploaded={},
        aside={},
    )


def _judge(site: Site, row: Any, code: WasteCode, sought: Sought, known: _Known) -> Offered:  # noqa: ANN401  a record
    permits = [one for one in known.permits.get(row["firm_id"], ()) if one.site_id in {None, row["id"]}]
    is_across = row["region_code"][:2] != site.region_code[:2]

    def judged(method: str) -> tuple[PermitItem | None, list[Broken]]:
        item, broken = _of_permits(permits, code, method, sought, known.used)
        if is_across:
            broken += _of_approvals(site, row, code, method, sought=sought, known=known)
        return item, broken

    methods = [sought.method] if sought.method else _methods(permits, code)
    tried = [(method, *judged(method)) for method in methods] or [("", *judged(""))]
    method, item, broken = min(tried, key=lambda one: len(one[2]))
    without = _without_permit(site, row, code, sought, known) if broken else None
    if without is not None:
        without = permitless.less_aside(without, row["id"], known.aside)
        method, item, broken = without.method, None, list(without.broken)
    terms = known.terms.get(row["id"])
    way = reach(site, row["id"], float(row["latitude"]), float(row["longitude"]), known.uploaded)
    day = known.days.get(row["id"], {}).get(sought.on)
    partner = row["firm_id"] in known.partners
    unreservable = [] if broken else why_not_within(terms, sought.mass, has_contract=partner)
    if without is not None:
        unreservable += permitless.why_not_aside(without, sought.mass)
    if not broken and day is not None and day.free is not None:
        unreservable += why_not_day(sought.on, day.free, day.taken, sought.mass)
    return Offered(
        site_id=row["id"],
        site=row["name"],
        firm_id=row["firm_id"],
        firm=row["firm"],
        region_code=row["region_code"],
        km=round(way.km),
        by_road=way.by_road,
        is_across=is_across,
        method=method,
        yearly=_yearly(item, without),
        free=_free(item, without, known),
        storage=known.storage.get(row["id"]),
        day=day if day is not None and day.free is not None else None,
        fen_per_t=None if terms is None else terms.price_of(code, method),
        has_contract=partner,
        terms=terms,
        basis=TransferBasis.PERMIT if without is None else without.basis,
        without=without,
        broken=tuple(broken),
        unreservable=tuple(unreservable),
    )


def _without_permit(
    site: Site,
    row: Any,  # noqa: ANN401  a record
    code: WasteCode,
    sought: Sought,
    known: _Known,
) -> Permitless | None:
    """The ground on which it takes the waste though no permit of its own covers it. An exempt user's waste crosses the
    border of its province by an approval, as any does."""
    is_across = row["region_code"][:2] != site.region_code[:2]
    if not is_across:
        found = permitless.directed(
            known.approvals,
            str(code),
            sought.method,
            row["id"],
            on=sought.on,
            requested=sought.mass,
            used=known.approved,
        )
        if found is not None:
            return found
    exempt = permitless.exempted(known.exempt.get(row["id"], ()), sought.method, sought.mass, sought.on.year)
    if exempt is None or not is_across:
        return exempt
    across = _of_approvals(site, row, code, exempt.method, sought=sought, known=known)
    return replace(exempt, broken=(*exempt.broken, *across))


def _yearly(item: PermitItem | None, without: Permitless | None) -> Mass | None:
    if without is not None:
        return without.quantity
    return None if item is None else item.yearly


def _free(item: PermitItem | None, without: Permitless | None, known: _Known) -> Mass | None:
    if without is not None:
        return without.left - without.aside
    return None if item is None else max(item.yearly - Mass(known.used[item.id]), ZERO)


def _methods(permits: Iterable[Permit], code: WasteCode) -> list[str]:
    """By which the permits name the waste at all."""
    return sorted(
        {method for permit in permits for item in permit.items if item.names(code) for method in item.methods}
    )


def _of_permits(
    permits: Sequence[Permit], code: WasteCode, method: str, sought: Sought, used: Mapping[UUID, int]
) -> tuple[PermitItem | None, list[Broken]]:
    """The line that would be used, and what speaks against it."""

    def taken(_permit: Permit, item: PermitItem) -> Mass:
        return Mass(used[item.id])

    permit, broken = permit_covering(permits, code, method, sought.on, requested=sought.mass, used=taken)
    if permit is not None:
        return permit.item_for(code, method), []
    lines = [item for one in permits if (item := one.item_for(code, method)) is not None]
    return (lines[0] if lines else None), list(broken)


def _of_approvals(
    site: Site,
    row: Any,  # noqa: ANN401  a record
    code: WasteCode,
    method: str,
    *,
    sought: Sought,
    known: _Known,
) -> list[Broken]:
    mine = [
        one for one in known.approvals if one.kind is ApprovalKind.CROSS_PROVINCE and one.receiver_site_id == row["id"]
    ]
    found, reasons = approval_covering(
        mine, str(code), method, row["id"], on=sought.on, requested=sought.mass, used=known.approved
    )
    if found is not None:
        return []
    return reasons or [cross_province_missing(site.region_code, row["region_code"])]


def _rank(one: Offered, sought: Sought) -> tuple[object, ...]:
    """In the province before out of it; those with whom something can be set aside before the others; then as asked."""
    last: tuple[object, ...] = (one.km, one.firm, one.site)
    if sought.order is OfferOrder.PRICE:
        last = (one.fen_per_t is None, one.fen_per_t or 0, *last)
    elif sought.order is OfferOrder.FREE:
        last = (-(one.free.grams if one.free else 0), *last)
    return (one.is_across, not one.can_reserve, *last)
