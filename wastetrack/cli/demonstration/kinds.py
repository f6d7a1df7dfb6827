"""How often each kind of transfer, paper and clock is in the region: one statement, one number a kind."""

from typing import Final

from wastetrack.db.session import ReadSession

KINDS: Final[dict[str, str]] = {
    "multi_leg": "manifest_legs where position = 2 and checked->>'how' = 'scan' and handover_at is not null",
    "milk_run": "trips where state = 'closed'",
    "cross_province_approval": "approvals where kind = 'cross_province' and state = 'approved'",
    "cross_province_waiting": "approvals where kind = 'cross_province'"
    " and state in ('submitted', 'returned_for_correction', 'consulted', 'agreed_by_destination')",
    "cross_province_manifest": "approval_uses used join approval_items item on item.id = used.item_id"
    " join approvals held on held.id = item.approval_id where held.kind = 'cross_province'",
    "point_to_point": "manifests where basis = 'point_to_point' and state = 'closed'",
    "group_internal": "manifests where basis = 'group_internal' and state = 'closed'",
    "general_waste": "manifests where basis = 'general' and state = 'closed'",
    "exempt_waste": "manifests where basis = 'exempt' and state = 'closed'",
    "pipeline_month": "manifests where kind = 'continuous' and state = 'closed'",
    "pipeline_running": "manifests where kind = 'continuous' and state = 'running'",
    "pipeline_reading": "pipe_days where sent_g is not null and received_g is not null",
    "pipeline_reading_missing": "pipe_days where received_g is null",
    "medical_month": "manifests where kind = 'medical' and state = 'closed'",
    "medical_running": "manifests where kind = 'medical' and state = 'running'",
    "ward": "wards",
    "ward_bag": "medical_bags where ward_id is not null",
    "ward_bag_by_scale": "medical_bags where weighed_by = 'scale'",
    "highly_infectious_bag": "medical_bags where highly_infectious",
    "ward_round": "ward_rounds where state = 'in_store'",
    "trip_card": "trip_cards where state = 'received'",
    "collection_point": "collection_points",
    "small_institution": "small_institutions",
    "small_institution_quiet": "small_institutions where last_waste_at is null",
    "breakdown": "incidents where kind = 'breakdown' and state = 'closed'",
    "leak": "incidents where kind = 'container_leaking' and state = 'open'",
    "mismatch_waiting": "mismatch_reports where state = 'reported'",
    "alternative_receiver": "manifest_redirections",
    "paper_back_entry": "manifests where on_paper and state = 'closed'",
    "paper_receipt_waiting": "manifests where on_paper and state = 'arrived'",
    "scan_of_paper": "attachments where subject_kind = 'manifest'",
    "reserved_number": "reserved_numbers where state = 'reserved'",
    "zone": "stores where kind = 'zone'",
    "storage_spot": "stores where kind = 'spot'",
    "compatibility_stated": "containers where compatibility is not null",
    "stock_take_difference": "stock_take_lines where outcome = 'weighed_different'",
    "batch_finished": "treatment_batches where state = 'finished'",
    "batch_running": "treatment_batches where state = 'running'",
    "batch_product": "batch_products",
    "own_treatment": "treatment_batches where basis = 'own'",
    "label_reprinted": "label_prints where why = 'reprint'",
    "label_replaced": "label_prints where why = 'damaged'",
    "plan_filed": "management_plans where filed_at is not null",
    "plan_changed": "management_plans where version > 1",
    "plan_missing": "sites site join organisations firm on firm.id = site.organisation_id"
    " where 'generator' = any(firm.kinds) and site.kind = 'production'"
    " and not exists (select from management_plans plan where plan.site_id = site.id)",
    "contract": "contracts where state = 'confirmed'",
    "contract_waiting": "contracts where state = 'draft'",
    "report_handed_in": "periodic_reports",
    "capacity_assessment": "capacity_runs where result is not null",
    "capacity_forecast": "capacity_forecasts",
    "planned_project": "planned_projects",
    "reservation_used": "reservations where state = 'used'",
    "reservation_lapsed": "reservations where state = 'lapsed'",
    "reservation_held": "reservations where state = 'held'",
    "reservation_without_permit": "reservations where basis = 'exempt' and state = 'held'",
    "intake_price": "intake_prices",
    "emergency_facility": "emergency_helpers where ended_at is null",
    "emergency_drill": "medical_emergencies where is_drill and ended_at is not null",
    "emergency_call": "emergency_calls",
    "emergency_supply": "emergency_supplies",
}
"""Name → from where it is counted."""


async def count_kinds(session: ReadSession) -> dict[str, int]:
    """So many of each."""
    counted = " union all ".join(
        f"select {place} as place, count(*) as number from {source}"  # noqa: S608  constants of this file
        for place, source in enumerate(KINDS.values())
    )
    found = {row["place"]: row["number"] for row in await (await session.driver()).fetch(counted)}
    return {name: found[place] for place, name in enumerate(KINDS)}
