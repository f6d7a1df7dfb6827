"""Manifests as programs read them: whole pages and whole manifests in one statement each, as JSON made by PostgreSQL.

A list is asked for more often than anything else; rows that become objects only to be written out again cost more
than the database takes to find them. The page is read off the key of `sightings`, newest first, so that its cost does
not depend on how many manifests there are.
"""

from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.manifests.errors import ManifestUnknown
from wastetrack.manifests.model import PartyRole
from wastetrack.manifests.numbers import numbers_beginning
from wastetrack.manifests.queries import KIND, ManifestFilter

_HEAD = """
  'id', manifest.id, 'number', manifest.number, 'kind', manifest.kind, 'state', manifest.state,
  'version', manifest.version,
  'shipper', json_build_object(
    'organisation_id', shipper.id, 'name', shipper.name, 'credit_code', shipper.credit_code,
    'site_id', manifest.shipper_site_id),
  'receiver', json_build_object(
    'organisation_id', receiver.id, 'name', receiver.name, 'credit_code', receiver.credit_code,
    'site_id', manifest.receiver_site_id),
  'method', manifest.method, 'planned_on', manifest.planned_on, 'on_paper', manifest.on_paper,
  'containers', loads.containers, 'declared_g', loads.declared_g, 'measured_g', loads.measured_g,
  'created_at', manifest.created_at, 'filed_at', manifest.filed_at, 'picked_up_at', manifest.picked_up_at,
  'arrived_at', manifest.arrived_at, 'received_at', manifest.received_at, 'closed_at', manifest.closed_at
"""
_WITH = """
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
cross join lateral (
  select count(line.declared_g) as containers, coalesce(sum(declared_g), max(moved.sent_g), 0)::bigint as declared_g,
    coalesce(sum(measured_g), max(moved.received_g))::bigint as measured_g
  from (
    select sum(sent_g) as sent_g, sum(received_g) as received_g from manifest_totals where manifest_id = manifest.id
  ) moved left join manifest_containers line on line.manifest_id = manifest.id
) loads
"""
# The parts are constants of this module; what is asked for goes in as parameters only.
_PAGE = f"""
select manifest.id, json_build_object({_HEAD})::text as shown
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id {_WITH}
where sighting.viewer = $1 and sighting.kind = '{KIND}' and sighting.subject_id < $2
"""  # noqa: S608
_PAGE_END = "order by sighting.subject_id desc limit $3"
_AFTER_ALL = UUID(int=(1 << 128) - 1)
_ROLES: dict[PartyRole, str] = {
    PartyRole.SHIPPER: "manifest.shipper_id = {organisation}",
    PartyRole.RECEIVER: "manifest.receiver_id = {organisation}",
    PartyRole.CARRIER: (
        "exists (select from manifest_legs leg where leg.manifest_id = manifest.id and leg.carrier_id = {organisation})"
    ),
}
_ONE = f"""
select manifest.kind, manifest.on_paper, manifest.state, manifest.version, manifest.shipper_id, manifest.receiver_id,
  json_build_object({_HEAD},
    'origin_region', manifest.origin_region, 'destination_region', manifest.destination_region,
    'list_edition', manifest.list_edition, 'remarks', manifest.remarks,
    'plan_reason', manifest.plan_reason, 'opinion', manifest.opinion,
    'returns_id', manifest.returns_id, 'basis', manifest.basis,
    'exemptions', coalesce((
      select json_agg(named.position order by named.position)
      from manifest_exemptions named where named.manifest_id = manifest.id), '[]'::json),
    'approvals', coalesce((
      select json_agg(json_build_object(
        'approval_id', rests.approval_id, 'approval_kind', rests.kind, 'number', rests.number,
        'valid_from', rests.valid_from, 'valid_to', rests.valid_to, 'waste_code', rests.waste_code,
        'booked_g', rests.booked_g))
      from manifest_approvals(manifest.id) rests), '[]'::json),
    'returned_by', coalesce((
      select json_agg(json_build_object('id', back.id, 'number', back.number, 'state', back.state) order by back.id)
      from manifests back where back.returns_id = manifest.id), '[]'::json),
    'legs', coalesce((
      select json_agg(json_build_object(
        'position', leg.position, 'carrier_id', leg.carrier_id, 'carrier', carrier.name, 'plate', vehicle.plate,
        'driver_id', leg.driver_id, 'driver', driver.name, 'start', leg.start, 'end', leg.end,
        'handover_place', leg.handover_place, 'handover_at', leg.handover_at, 'checked', leg.checked,
        'taken_over_at', leg.taken_over_at) order by leg.position)
      from manifest_legs leg join organisations carrier on carrier.id = leg.carrier_id
      join vehicles vehicle on vehicle.id = leg.vehicle_id left join drivers driver on driver.id = leg.driver_id
      where leg.manifest_id = manifest.id), '[]'::json),
    'lines', coalesce((
      select json_agg(json_build_object(
        'position', line.position, 'container_id', line.container_id, 'digital_code', container.digital_code,
        'waste_code', line.waste_code, 'waste_name', container.waste_name, 'form', container.form,
        'hazards', container.hazards, 'precautions', container.precautions,
        'packaging', container.packaging, 'volume_l', container.volume_l,
        'tare_g', container.tare_g, 'label_revision', container.label_revision,
        'declared_g', line.declared_g, 'spilled_g', line.spilled_g, 'outcome', line.outcome, 'reason', line.reason,
        'measured_g', line.measured_g, 'measured_method', line.measured_method, 'scanned_at', line.scanned_at)
        order by line.position)
      from manifest_containers line join containers container on container.id = line.container_id
      where line.manifest_id = manifest.id), '[]'::json),
    'signatures', coalesce((
      select json_agg(json_build_object(
        'act', signature.act, 'organisation_id', signature.organisation_id, 'organisation', organisation.name,
        'person', person.name, 'happened_at', signature.happened_at, 'recorded_at', signature.recorded_at,
        'event_id', signature.event_id, 'log_index', sequence.log_index, 'delegate_of', consultant.name)
        order by signature.position)
      from manifest_signatures signature join organisations organisation on organisation.id = signature.organisation_id
      left join organisations consultant on consultant.id = signature.delegate_of_organisation_id
      join people person on person.id = signature.person_id join log_leaves leaf on leaf.id = signature.event_id
      left join log_sequence sequence on sequence.arrival = leaf.arrival
      where signature.manifest_id = manifest.id), '[]'::json),
    'corrections', coalesce((
      select json_agg(json_build_object(
        'id', correction.id, 'container_id', correction.container_id, 'field', correction.field,
        'leg_position', correction.leg_position, 'answerer_id', correction.answerer_id,
        'old_text', correction.old_text, 'new_text', correction.new_text,
        'state', case when correction.state = 'requested' and correction.answer_due_at < now() then 'lapsed'
          else correction.state end,
        'old_measured_g', correction.old_measured_g, 'measured_g', correction.measured_g,
        'reason', correction.reason, 'requested_at', correction.requested_at,
        'answer_due_at', correction.answer_due_at, 'answered_at', correction.answered_at,
        'answer_reason', correction.answer_reason) order by correction.id)
      from manifest_corrections correction where correction.manifest_id = manifest.id), '[]'::json)
  )::text as shown,
  array(select carrier_id from manifest_legs where manifest_id = manifest.id order by position) as carriers,
  array(select taken_over_at is not null from manifest_legs where manifest_id = manifest.id order by position) as taken
from manifests manifest {_WITH}
where manifest.id = $2
  and exists (select from sightings where viewer = $1 and kind = '{KIND}' and subject_id = manifest.id)
"""  # noqa: S608


async def page(
    session: ReadSession, actor: Actor, wanted: ManifestFilter, *, before: UUID | None, limit: int
) -> list[Any]:
    """`limit` of the manifests that the actor may see, newest first: records of `id` and `shown`, a JSON text."""
    values: list[object] = [actor.viewer, before or _AFTER_ALL, limit]
    conditions: list[str] = []

    def demand(condition: str, **named: object) -> None:
        places = {}
        for name, value in named.items():
            values.append(value)
            places[name] = f"${len(values)}"
        conditions.append("and " + condition.format(**places))

    if wanted.state is not None:
        demand("manifest.state = {state}", state=wanted.state.value)
    if wanted.number:
        first, last = numbers_beginning(wanted.number)
        demand("manifest.number between {first} and {last}", first=first, last=last)
    if wanted.role is not None:
        demand(_ROLES[wanted.role], organisation=actor.organisation_id)
    if wanted.shipper_id is not None:
        demand("manifest.shipper_id = {shipper}", shipper=wanted.shipper_id)
    if wanted.receiver_id is not None:
        demand("manifest.receiver_id = {receiver}", receiver=wanted.receiver_id)
    driver = await session.driver()
    return list(await driver.fetch("\n".join((_PAGE, *conditions, _PAGE_END)), *values))


async def one(session: ReadSession, actor: Actor, manifest_id: UUID) -> Any:  # noqa: ANN401  a record
    """A manifest with everything: a record of `shown`, a JSON text, and of what decides who may do what next.

    Raises ManifestUnknown.
    """
    driver = await session.driver()
    record = await driver.fetchrow(_ONE, actor.viewer, manifest_id)
    if record is None:
        raise ManifestUnknown("manifest_unknown", "There is no such manifest.", manifest_id=manifest_id)
    return record
