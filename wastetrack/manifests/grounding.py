"""On what ground one receiver takes a waste though no permit of its own covers it: asked and locked for whoever sets
quantity aside with it, with every reason why there is no such ground.

Lines of plans are locked before those of approvals, as filings do it; permits stand locked already, and are asked for
nothing more.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from wastetrack.approvals import queries as approvals
from wastetrack.approvals.covering import covering
from wastetrack.approvals.model import ApprovalKind
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.model import Exemption, ExemptionScope
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.manifests import permitless
from wastetrack.manifests.exempting import ARTICLE, free, listed_link
from wastetrack.manifests.permitless import ExemptUse, Permitless
from wastetrack.mass import Mass
from wastetrack.parties.model import Site

if TYPE_CHECKING:
    from uuid import UUID

_USE: Final = """
select item.planned_g, item.booked_g
from management_plans plan
join plan_versions version on version.plan_id = plan.id and version.version = plan.version
cross join lateral jsonb_array_elements(version.content -> 'transfer') line
join plan_items item on item.plan_id = plan.id and item.waste_code = line ->> 'waste_code'
  and item.method = line ->> 'method' and item.receiver_id::text = line ->> 'receiver_id'
where plan.site_id = $1 and plan.year = $2 and plan.filed_at is not null and line ->> 'receiver_kind' = 'exempt_user'
  and item.waste_code = $3 and item.receiver_id = $4 and item.method = $5
order by item.id for update of item
"""
_LOCK: Final = "select id, booked_g from approval_items where id = any($1::uuid[]) order by id for update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """So much of a waste, from a site, to a receiver's site, by a method, on a day."""

    site: Site
    receiver: Site
    code: str
    method: str
    mass: Mass
    on: date
    holds_permit: bool
    """Whether the receiver holds any permit: then it is no exempt user whom the plan forgot."""


async def ground_of(session: WriteSession, asked: Asked, *, at: datetime) -> tuple[Permitless | None, list[Broken]]:
    """The ground, with what stands aside on it; where there is none, why: what speaks against the approvals that name
    the receiver, and what list or plan lack."""
    exempt, reasons = await _exempt(session, asked)
    directed, against = await _directed(session, asked)
    found = directed or exempt
    if found is None:
        return None, [*against, *reasons]
    aside = await permitless.set_aside(session, asked.site.id, asked.code, asked.on.year, at=at)
    return permitless.less_aside(found, asked.receiver.id, aside), []


async def _directed(session: WriteSession, asked: Asked) -> tuple[Permitless | None, list[Broken]]:
    """By an approval point to point, which holds within a province alone."""
    if asked.site.region_code[:2] != asked.receiver.region_code[:2]:
        return None, []
    kinds = (ApprovalKind.POINT_TO_POINT,)
    held = [
        one
        for one in await approvals.held_for(session, asked.site.organisation_id, asked.site.id, kinds)
        if one.receiver_site_id == asked.receiver.id
    ]
    if not held:
        return None, []
    lines = [item.id for one in held if (item := one.item_for(asked.code, asked.method)) is not None]
    used: dict[UUID, int] = {
        row["id"]: row["booked_g"] for row in await (await session.driver()).fetch(_LOCK, sorted(lines))
    }
    to = asked.receiver.id
    found = permitless.directed(held, asked.code, asked.method, to, on=asked.on, requested=asked.mass, used=used)
    if found is not None:
        return found, []
    _, reasons = covering(held, asked.code, asked.method, to, on=asked.on, requested=asked.mass, used=used)
    return None, reasons


async def _exempt(session: WriteSession, asked: Asked) -> tuple[Permitless | None, list[Broken]]:
    """By the exemption list of the day and the filed plan of its year."""
    entry = await _entry(session, asked)
    row = await (await session.driver()).fetchrow(
        _USE, asked.site.id, asked.on.year, asked.code, asked.receiver.organisation_id, asked.method
    )
    if row is not None and entry is not None:
        left = Mass(max(row["planned_g"] - row["booked_g"], 0))
        use = ExemptUse(asked.method, Mass(row["planned_g"]), left, entry)
        return permitless.exempted((use,), asked.method, asked.mass, asked.on.year), []
    if row is not None:
        told = message(
            "Your filed plan names the receiver as an exempt user, but the exemption list of {value} does not free "
            "{waste_code} where method {method} is used."
        )
        step = message("Choose the method that the list frees, or a receiver with a permit.")
        facts: dict[str, object] = {"waste_code": asked.code, "method": asked.method}
        return None, [Broken("method", "exemption_of_other_link", told, asked.on.isoformat(), ARTICLE, step, facts)]
    if entry is not None and not asked.holds_permit:
        told = message(
            "The exemption list frees {stage} of this waste, but your filed plan of {value} does not name the receiver "
            "as an exempt user for it."
        )
        step = message("Put the receiver into the plan as an exempt user and file the plan again.")
        facts = {"stage": entry.stage}
        return None, [Broken("receiver_site_id", "exempt_user_unplanned", told, asked.on.year, ARTICLE, step, facts)]
    return None, []


async def _entry(session: WriteSession, asked: Asked) -> Exemption | None:
    listed = (await catalogues.snapshot(session)).exemptions_on(asked.on)
    return next(iter(entries_for(listed, asked.code, asked.method)), None)


def entries_for(listed: tuple[Exemption, ...], code: str, method: str) -> list[Exemption]:
    """The entries of a list that free a code in the link that a method is. Pure."""
    link = listed_link(method)
    return [one for one in listed if one.scope is ExemptionScope.CODES and free((one,), (code,)).in_link(code, link)]
