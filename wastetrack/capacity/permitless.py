"""Who needs no permit for a waste of one site, and on what ground: an approval point to point (点对点), or an entry of
the exemption list (豁免清单) that frees the method's link, under which the site's filed plan names the receiver.

The quantity is the approval's, or what the plan still sends there; nobody else draws on either.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


_UNRESERVED: Final = {
    TransferBasis.POINT_TO_POINT: (
        "reservation_by_approval",
        message("It takes the waste by an approval whose quantity is yours alone: nothing need be set aside."),
    ),
    TransferBasis.EXEMPT: (
        "reservation_by_exemption",
        message("It takes the waste under the exemption list, as your plan says: nothing need be set aside."),
    ),
}


def unreserved(one: Permitless) -> Broken:
    """Why no quantity is set aside with it: it is the sender's alone already."""
    code, told = _UNRESERVED[one.basis]
    return Broken("receiver_site_id", code, told)
