"""Which sites owe which reports, and which have handed theirs in: for the firm's duties and for its authority."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.filings.model import ReportKind, ReportPeriod, owed

# A site owes reports once it has made waste. Its class is the authority's word, else that of its newest filed plan;
# a site of which nobody knows the class owes what every class owes. What has not begun by the end of a period owes
# nothing for it. $1, $2 whose: an organisation's id, or the prefix of a region; $3 to $6 the periods.
_STANDING: Final = """
select site.id, site.name, firm.name as firm, due.kind, due.year, due.number, class.management_class,
  report.id as report_id, report.version, report.submitted_at
from unnest($3::text[], $4::smallint[], $5::smallint[], $6::timestamptz[]) as due (kind, year, number, until)
join sites site on ($1::uuid is not null and site.organisation_id = $1)
  or ($2::text is not null and site.region_code like $2 || '%')
join organisations firm on firm.id = site.organisation_id
left join lateral (
  select coalesce(
    (select word.management_class from set_classes word where word.site_id = site.id order by word.set_at desc limit 1),
    (select version.management_class from management_plans plan
     join plan_versions version on version.plan_id = plan.id
     where plan.site_id = site.id and version.filed_at is not null
     order by plan.year desc, version.version desc limit 1)) as management_class
) class on true
left join lateral (
  select handed.id, handed.version, handed.submitted_at from periodic_reports handed
  where handed.site_id = site.id and handed.kind = due.kind and handed.year = due.year and handed.number = due.number
  order by handed.version desc limit 1
) report on true
where site.created_at < due.until
  and exists (select from accounts made where made.holder_id = site.id and made.kind in ('generated', 'residue_source'))
order by due.year, due.number, firm.name, site.name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One report that a site owes, and whether it stands."""

    site_id: UUID
    site: str
    firm: str
    management_class: str | None
    period: ReportPeriod
    report_id: UUID | None
    version: int | None
    submitted_at: datetime | None


async def standing_of(
    session: ReadSession, actor: Actor, periods: Iterable[ReportPeriod], *, ends: Iterable[datetime]
) -> list[Standing]:
    """What one's own sites owe, or all the sites of the region that one watches, in one statement; `ends` are the
    instants at which the periods end."""
    asked = tuple(periods)
    prefix = actor.viewer.removeprefix("r:") if actor.is_regulator else None
    rows = await (await session.driver()).fetch(
        _STANDING,
        None if actor.is_regulator else actor.organisation_id,
        prefix,
        [one.kind.value for one in asked],
        [one.year for one in asked],
        [one.number for one in asked],
        list(ends),
    )
    return [
        Standing(
            site_id=row["id"],
            site=row["name"],
            firm=row["firm"],
            management_class=row["management_class"],
            period=ReportPeriod(ReportKind(row["kind"]), row["year"], row["number"]),
            report_id=row["report_id"],
            version=row["version"],
            submitted_at=row["submitted_at"],
        )
        for row in rows
        if ReportKind(row["kind"]) in owed(row["management_class"])
    ]
