"""What must hold of approvals: their lines are used by what manifests take, and that is the mass that moves."""

from wastetrack.db.session import ReadSession
from wastetrack.manifests.model import TAKEN_IN, ManifestState
from wastetrack.reports.auditing.entries import count_rest
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report

_LINES = """
with taken as (select item_id, sum(booked_g) as grams from approval_uses group by 1)
select count(*) over () as faults, item.id, item.booked_g as used_g, coalesce(taken.grams, 0) as booked_g
from approval_items item left join taken on taken.item_id = item.id
where item.booked_g <> coalesce(taken.grams, 0) order by item.id limit $1
"""
# Before the receipt a manifest takes what it declares, after it what was taken in, withdrawn nothing.
_USES = """
with moved as (
  select line.manifest_id, line.waste_code, sum(
    case
      when manifest.state = any($2::text[]) then 0
      when manifest.received_at is null then line.declared_g
      when line.outcome = any($3::text[]) then line.measured_g
      else 0
    end
  ) as grams
  from manifest_containers line join manifests manifest on manifest.id = line.manifest_id
  where manifest.id in (select manifest_id from approval_uses) group by 1, 2
)
select count(*) over () as faults, use.manifest_id, use.waste_code, use.booked_g, coalesce(moved.grams, 0) as moved_g
from approval_uses use left join moved using (manifest_id, waste_code)
where use.booked_g <> coalesce(moved.grams, 0) order by use.manifest_id, use.item_id limit $1
"""


async def check_approvals(session: ReadSession, report: Report) -> None:
    """Lines are used by the sum of what manifests take, and manifests take what they move."""
    driver = await session.driver()
    rows = await driver.fetch(_LINES, MOST_KEPT)
    for row in rows:
        message = "{row} is used by {found} g; its bookings add to {expected} g."
        name = f"approval line {row['id']}"
        report.add(Finding(Fault.APPROVAL_USE_WRONG, name, message, int(row["booked_g"]), int(row["used_g"])))
    count_rest(report, Fault.APPROVAL_USE_WRONG, rows)
    withdrawn = [ManifestState.CANCELLED.value, ManifestState.VOID.value]
    rows = await driver.fetch(_USES, MOST_KEPT, withdrawn, sorted(outcome.value for outcome in TAKEN_IN))
    for row in rows:
        name = f"use of an approval by manifest {row['manifest_id']} for {row['waste_code']}"
        message = "{row} is {found} g; the manifest moves {expected} g."
        report.add(Finding(Fault.BOOKING_WRONG, name, message, int(row["moved_g"]), row["booked_g"]))
    count_rest(report, Fault.BOOKING_WRONG, rows)
