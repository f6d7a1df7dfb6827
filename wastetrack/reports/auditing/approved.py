"""What must hold of approvals: their lines are used by what manifests take, and that is the mass that moves."""

from wastetrack.db.session import ReadSession
from wastetrack.reports.auditing.entries import count_rest
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report
from wastetrack.reports.auditing.moved import BY_ROAD, TAKEN, WITHDRAWN

_LINES = """
with taken as (select item_id, sum(booked_g) as grams from approval_uses group by 1)
select count(*) over () as faults, item.id, item.booked_g as used_g, coalesce(taken.grams, 0) as booked_g
from approval_items item left join taken on taken.item_id = item.id
where item.booked_g <> coalesce(taken.grams, 0) order by item.id limit $1
"""
# A manifest that runs takes what is planned for its period, and what came when that is summed up.
_USES = f"""
with moved as ({BY_ROAD}
  union all
  select total.manifest_id, total.waste_code, case
      when manifest.state = any($2::text[]) then 0
      when manifest.received_at is null then total.planned_g
      else total.received_g
    end
  from manifest_totals total join manifests manifest on manifest.id = total.manifest_id
)
select count(*) over () as faults, use.manifest_id, use.waste_code, use.booked_g, coalesce(moved.grams, 0) as moved_g
from approval_uses use left join moved using (manifest_id, waste_code) join manifests of on of.id = use.manifest_id
where of.purged_at is null and use.booked_g <> coalesce(moved.grams, 0)
order by use.manifest_id, use.item_id limit $1
"""  # noqa: S608  of constants


async def check_approvals(session: ReadSession, report: Report) -> None:
    """Lines are used by the sum of what manifests take, and manifests take what they move."""
    driver = await session.driver()
    rows = await driver.fetch(_LINES, MOST_KEPT)
    for row in rows:
        message = "{row} is used by {found} g; its bookings add to {expected} g."
        name = f"approval line {row['id']}"
        report.add(Finding(Fault.APPROVAL_USE_WRONG, name, message, int(row["booked_g"]), int(row["used_g"])))
    count_rest(report, Fault.APPROVAL_USE_WRONG, rows)
    rows = await driver.fetch(_USES, MOST_KEPT, WITHDRAWN, TAKEN)
    for row in rows:
        name = f"use of an approval by manifest {row['manifest_id']} for {row['waste_code']}"
        message = "{row} is {found} g; the manifest moves {expected} g."
        report.add(Finding(Fault.BOOKING_WRONG, name, message, int(row["moved_g"]), row["booked_g"]))
    count_rest(report, Fault.BOOKING_WRONG, rows)
