"""Who needs no permit for a waste of one site, and on what ground: an approval point to point (点对点), or an entry of
the exemption list (豁免清单) that frees the method's link, under which the site's filed plan names the receiver.

The quantity is the approval's, or what the plan still sends there; nobody else draws on either. What is set aside of
it is the sender's own too: it keeps the receiver's day and stores, and no more is set aside than is left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from wastetrack.approvals.covering import Held
from wastetrack.approvals.covering import covering as approval_covering
from wastetrack.approvals.model import ApprovalKind
from wastetrack.catalogues.model import Exemption, ExemptionScope
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.manifests.exempting import ARTICLE, free, listed_link
from wastetrack.mass import ZERO, Mass

# A receiver's site is that where it treats, as the matching reads it.
_USERS: Final = """
select item.method, item.planned_g, item.booked_g, (
  select site.id from sites site where site.organisation_id = item.receiver_id
  order by site.kind <> 'treatment', site.id limit 1
) as site_id
from management_plans plan
join plan_versions version on version.plan_id = plan.id and version.version = plan.version
cross join lateral jsonb_array_elements(version.content -> 'transfer') line
join plan_items item on item.plan_id = plan.id and item.waste_code = line ->> 'waste_code'
  and item.method = line ->> 'method' and item.receiver_id::text = line ->> 'receiver_id'
where plan.site_id = $1 and plan.year = $2 and plan.filed_at is not null
  and line ->> 'waste_code' = $3 and line ->> 'receiver_kind' = 'exempt_user'
order by item.method, item.id
"""


@dataclass(frozen=True, slots=True)
class ExemptUse:
    """A line of the filed plan that sends the waste to an exempt user, and the entry that frees its link."""

    method: str
    planned: Mass
    left: Mass
    entry: Exemption


@dataclass(frozen=True, slots=True)
class Permitless:
    """On what ground a receiver takes the waste without a permit; `broken` says why it does not."""

    basis: TransferBasis
    method: str
    quantity: Mass
    left: Mass
    aside: Mass = ZERO
    """Of what is left, what is set aside for its sender already."""
    number: str = ""
    """Of the approval."""
    entry: Exemption | None = None
    broken: tuple[Broken, ...] = ()


async def exempt_uses(
    session: ReadSession, site_id: UUID, code: str, on: date, listed: Sequence[Exemption]
) -> Mapping[UUID, tuple[ExemptUse, ...]]:
    """Site of an exempt user → what a site's filed plan of the year sends there, as far as the list of the day frees
    it. One statement."""
    entries = [entry for entry in listed if entry.scope is ExemptionScope.CODES]
    found: dict[UUID, list[ExemptUse]] = defaultdict(list)
    for row in await (await session.driver()).fetch(_USERS, site_id, on.year, code):
        link = listed_link(row["method"])
        entry = next((one for one in entries if free((one,), (code,)).in_link(code, link)), None)
        if entry is not None and row["site_id"] is not None:
            left = max(row["planned_g"] - row["booked_g"], 0)
            found[row["site_id"]].append(ExemptUse(row["method"], Mass(row["planned_g"]), Mass(left), entry))
    return {receiver: tuple(uses) for receiver, uses in found.items()}


def named_directly(approvals: Sequence[Held], code: str) -> list[UUID]:
    """The sites that approvals point to point name for a waste."""
    return [
        one.receiver_site_id
        for one in approvals
        if one.kind is ApprovalKind.POINT_TO_POINT and any(item.waste_code == code for item in one.items)
    ]


def directed(
    approvals: Sequence[Held],
    code: str,
    method: str,
    receiver_site_id: UUID,
    *,
    on: date,
    requested: Mass,
    used: Mapping[UUID, int],
) -> Permitless | None:
    """By an approval point to point that covers it; no method: by any that it names."""
    mine = [
        one for one in approvals if one.kind is ApprovalKind.POINT_TO_POINT and one.receiver_site_id == receiver_site_id
    ]
    for tried in [method] if method else sorted({item.method for one in mine for item in one.items}):
        found, _ = approval_covering(mine, code, tried, receiver_site_id, on=on, requested=requested, used=used)
        item = found.item_for(code, tried) if found is not None else None
        if found is not None and item is not None:
            left = max(item.quantity - Mass(used.get(item.id, 0)), ZERO)
            return Permitless(TransferBasis.POINT_TO_POINT, tried, item.quantity, left, number=found.number)
    return None


def exempted(uses: Sequence[ExemptUse], method: str, requested: Mass, year: int) -> Permitless | None:
    """By the exemption list and the filed plan; no method: by that of which most is left. None where neither speaks."""
    known = [one for one in uses if method in {"", one.method}]
    if not known:
        return None
    best = max(known, key=lambda one: (one.left.grams, one.method))
    broken = []
    if requested > best.left:
        told = message("The filed plan of {year} sends {planned} there; {left} are left, {value} are asked for.")
        step = message("Change the plan and file it again.")
        facts: dict[str, object] = {
            "year": year,
            "planned": best.planned.tonne_text(),
            "left": best.left.tonne_text(),
        }
        asked = requested.tonne_text()
        broken.append(Broken("mass", "plan_quantity_exceeded", told, asked, ARTICLE, step, facts))
    return Permitless(
        TransferBasis.EXEMPT, best.method, best.planned, best.left, entry=best.entry, broken=tuple(broken)
    )


_ASIDE: Final = """
select receiver_site_id, method, basis, sum(net_g - used_g)::bigint as grams from reservations
where site_id = $1 and waste_code = $2 and basis <> 'permit' and (basis <> 'exempt' or year = $3)
  and state = 'held' and until > $4
group by receiver_site_id, method, basis
"""
Aside = Mapping[tuple[UUID, str, str], Mass]
"""Site of the receiver, method, ground → what is set aside there for a sender's site of one waste."""


async def set_aside(session: ReadSession, site_id: UUID, code: str, year: int, *, at: datetime) -> Aside:
    """What a site has set aside of a waste with receivers that need no permit. One statement."""
    rows = await (await session.driver()).fetch(_ASIDE, site_id, code, year, at)
    return {(row["receiver_site_id"], row["method"], row["basis"]): Mass(row["grams"]) for row in rows}


def less_aside(one: Permitless, receiver_site_id: UUID, aside: Aside) -> Permitless:
    """The same with what is set aside of it already."""
    return replace(one, aside=aside.get((receiver_site_id, one.method, one.basis.value), ZERO))


def why_not_aside(one: Permitless, requested: Mass) -> list[Broken]:
    """Whether so much more can be set aside of what its ground leaves; beyond the ground itself is told elsewhere."""
    if one.broken or requested + one.aside <= one.left:
        return []
    told = message(
        "{left} are left of what it takes from you, {aside} of them set aside already; {value} are asked for."
    )
    step = message("Ask for less, or give up what you have set aside and do not need.")
    facts: dict[str, object] = {"left": one.left.tonne_text(), "aside": one.aside.tonne_text()}
    return [Broken("mass", "reservation_beyond_rest", told, requested.tonne_text(), next_step=step, facts=facts)]
