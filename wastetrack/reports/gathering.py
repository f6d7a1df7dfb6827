"""Fills the figures of printed documents from the database, in a fixed number of statements for each document.

Reads across rooms in sets, so its statements are texts of their own. Who may see the thing is decided by the caller.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.containers.model import Form, Packaging
from wastetrack.db.session import ReadSession
from wastetrack.i18n import label
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.journey_model import IncidentKind, IncidentState, MismatchKind, MismatchState
from wastetrack.manifests.model import TAKEN_IN, Act, CorrectionField, ManifestState, Outcome
from wastetrack.manifests.queries import Manifest
from wastetrack.mass import Mass
from wastetrack.parties import permit_queries
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Organisation
from wastetrack.reports import manifest_words as words
from wastetrack.reports.figures import (
    ContainerFigures,
    CorrectionFigures,
    HappeningFigures,
    LegFigures,
    ManifestFigures,
    PartyFigures,
    SignatureFigures,
    WasteLineFigures,
    Words,
    total,
)
from wastetrack.reports.ground_figures import grounds_of

_LEGS = """
select vehicle.plate, driver.name as driver_name, driver.phone as driver_phone, licence.number as licence_number
from manifest_legs leg
join vehicles vehicle on vehicle.id = leg.vehicle_id
left join drivers driver on driver.id = leg.driver_id
left join lateral (
  select number from transport_licences
  where organisation_id = leg.carrier_id and $2 between valid_from and valid_to order by valid_to desc limit 1
) licence on true
where leg.manifest_id = $1 order by leg.position
"""
_SIGNATURES = """
select signature.act, person.name as person_name, organisation.name as organisation_name, signature.happened_at,
  sequence.log_index, leaf.hash
from manifest_signatures signature
join people person on person.id = signature.person_id
join organisations organisation on organisation.id = signature.organisation_id
join log_leaves leaf on leaf.id = signature.event_id
left join log_sequence sequence on sequence.arrival = leaf.arrival
where signature.manifest_id = $1 order by signature.position
"""
_LOADS = """
select line.waste_code, line.declared_g, line.outcome, line.reason, line.measured_g, line.scanned_at,
  container.digital_code, container.waste_name, container.packaging, container.form, container.hazards,
  container.harmful_components, container.precautions, container.method, line.position::bigint as place
from manifest_containers line join containers container on container.id = line.container_id
where line.manifest_id = $1
union all
select entered.waste_code, entered.sent_g, case when entered.received_g > 0 then 'accepted' else 'missing' end, '',
  nullif(entered.received_g, 0), entered.closed_at, lot.digital_code, lot.waste_name, lot.packaging, lot.form,
  lot.hazards, lot.harmful_components, lot.precautions, entered.sent_method, entered.day - date '2000-01-01'
from pipe_days entered join containers lot on lot.id = entered.container_id
where entered.manifest_id = $1 and entered.closed_at is not null
order by place
"""
_CORRECTIONS = """
select correction.answered_at, person.name as person_name, container.digital_code, correction.old_measured_g,
  correction.measured_g, correction.reason, correction.field, correction.leg_position, correction.old_text,
  correction.new_text
from manifest_corrections correction
join people person on person.id = correction.requested_by
left join containers container on container.id = correction.container_id
where correction.manifest_id = $1 and correction.state = 'consented' order by correction.answered_at
"""
# As far as PostgreSQL shows it to whoever prints: a carrier does not find the mismatches.
_HAPPENINGS = """
select 'mismatch' as what, mismatch.happened_at, mismatch.kinds as kinds, mismatch.state, mismatch.found as text,
  mismatch.decision_reason as more, container.digital_code, null::bigint as grams
from mismatch_reports mismatch left join containers container on container.id = mismatch.container_id
where mismatch.manifest_id = $1
union all
select incident.kind, incident.happened_at, null, incident.state, incident.place || '；' || incident.what,
  incident.measures, container.digital_code, incident.lost_g
from incidents incident left join containers container on container.id = incident.container_id
where incident.manifest_id = $1
union all
select 'redirected', redirection.happened_at, null, null, former.name || ' → ' || receiver.name, redirection.reason,
  null, null
from manifest_redirections redirection join organisations former on former.id = redirection.old_receiver_id
join organisations receiver on receiver.id = redirection.receiver_id
where redirection.manifest_id = $1
order by happened_at
"""
_WATERMARKS = {
    ManifestState.DRAFT: Words("草稿", "DRAFT"),
    ManifestState.CANCELLED: Words("已撤销", "CANCELLED"),
    ManifestState.VOID: Words("作废", "VOID"),
}
_DIFFERENT = frozenset({Outcome.ACCEPTED_WITH_DIFFERENCE, Outcome.REJECTED, Outcome.MISSING})


async def figures_of_manifest(
    session: ReadSession, manifest: Manifest, *, base_url: str, zone: str, at: datetime
) -> ManifestFigures:
    """Everything that the printed manifest says, as it stands at this moment."""
    row = manifest.row
    driver = await session.driver()
    legs = await driver.fetch(_LEGS, row.id, row.planned_on)
    signatures = await driver.fetch(_SIGNATURES, row.id)
    loads = await driver.fetch(_LOADS, row.id)
    corrections = await driver.fetch(_CORRECTIONS, row.id)
    happenings = await driver.fetch(_HAPPENINGS, row.id)
    firms = await parties.organisations_by_id(
        session, {row.shipper_id, row.receiver_id, *(leg.carrier_id for leg in manifest.legs)}
    )
    permits = await permit_queries.permits_of(session, row.receiver_id, site_id=row.receiver_site_id, on=row.planned_on)
    lists = await catalogues.snapshot(session)
    state = ManifestState(row.state)
    return ManifestFigures(
        number=row.number,
        state=_words(state),
        shipper=_party(firms[row.shipper_id]),
        lines=tuple(_waste_lines(loads, _method(lists, row.method), received=row.received_at is not None)),
        legs=tuple(_legs(manifest, legs, firms, zone)),
        receiver=_party(firms[row.receiver_id], permit_number=permits[0].number if permits else ""),
        containers=tuple(_container(load) for load in loads),
        signatures=tuple(_signature(signature) for signature in signatures),
        verification_url=manifest_address(base_url, row.id),
        catalogue_edition=row.list_edition or "",
        printed_at=at,
        handed_over_at=row.picked_up_at,
        received_at=row.received_at,
        discrepancy_reason=row.opinion,
        happenings=tuple(_happening(one) for one in happenings),
        corrections=tuple(_correction(correction) for correction in corrections),
        remarks=row.remarks,
        watermark=_WATERMARKS.get(state),
        zone=zone,
        grounds=await grounds_of(session, manifest),
    )


def manifest_address(base_url: str, manifest_id: UUID) -> str:
    """Where a printed manifest is verified."""
    return f"{base_url.rstrip('/')}/manifests/{manifest_id}"


def _words(member: StrEnum) -> Words:
    return Words(label(member, "zh"), label(member, "en"))


def _party(firm: Organisation, *, permit_number: str = "") -> PartyFigures:
    return PartyFigures(
        name=firm.name,
        credit_code=firm.credit_code,
        address=firm.address,
        contact_name=firm.contact_name,
        contact_phone=firm.contact_phone,
        permit_number=permit_number,
        name_en=firm.name_en or "",
    )


def _method(lists: Catalogue, method: str) -> str:
    named = next((known[method] for known in lists.treatments.values() if method in known), None)
    return f"{method} {named.name_zh}" if named else method


def _waste_lines(loads: Sequence[Any], method: str, *, received: bool) -> Iterable[WasteLineFigures]:
    """One line for each waste code, in the order in which they first stand on the manifest."""
    for code in dict.fromkeys(load["waste_code"] for load in loads):
        ones = [load for load in loads if load["waste_code"] == code]
        taken = [load for load in ones if load["measured_g"] is not None]
        decided = [Outcome(load["outcome"]) for load in ones if load["outcome"]]
        yield WasteLineFigures(
            waste_name=_joined(load["waste_name"] for load in ones),
            waste_code=code,
            hazards=tuple(dict.fromkeys(letter for load in ones for letter in load["hazards"])),
            form=_joined(label(Form(load["form"]), "zh") for load in ones),
            harmful_components=_joined(load["harmful_components"] for load in ones),
            measures=_joined(load["precautions"] for load in ones),
            packing=_joined(label(Packaging(load["packaging"]), "zh") for load in ones),
            container_count=len(ones),
            declared=total(Mass(load["declared_g"]) for load in ones),
            received=total(Mass(load["measured_g"]) for load in taken) if taken else None,
            method=method,
            opinion=_opinion(decided) if received else None,
            major_difference=not _DIFFERENT.isdisjoint(decided) if received else None,
            difference_note=_joined(load["reason"] for load in ones),
        )


def _opinion(decided: Sequence[Outcome]) -> Words:
    taken = sum(outcome in TAKEN_IN for outcome in decided)
    if taken == len(decided):
        return Words("接受", "Accepted")
    return Words("部分接受", "Partly accepted") if taken else Words("不接受", "Not accepted")


def _joined(texts: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(text for text in texts if text))


def _start(start: str, place: str, agreed_at: datetime | None, zone: str) -> str:
    """Where a carrier sets out; a further one, where and when both had agreed that it takes over (令23 art. 17)."""
    if agreed_at is None:
        return start
    return f"{place}（{agreed_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}）"


def _legs(manifest: Manifest, named: Sequence[Any], firms: dict[UUID, Organisation], zone: str) -> Iterable[LegFigures]:
    if not manifest.legs:  # what goes by pipe has no carrier
        return
    ends = [*(leg.taken_over_at for leg in manifest.legs[1:]), manifest.row.arrived_at]
    for leg, names, ended_at in zip(manifest.legs, named, ends, strict=True):
        yield LegFigures(
            carrier=_party(firms[leg.carrier_id]),
            licence_number=names["licence_number"] or "",
            driver_name=names["driver_name"] or "",
            driver_phone=names["driver_phone"] or "",
            plate=names["plate"],
            start=_start(leg.start, leg.handover_place, leg.handover_at, zone),
            end=leg.end,
            departed_at=leg.taken_over_at,
            arrived_at=ended_at,
        )


def _container(load: Any) -> ContainerFigures:  # noqa: ANN401  a record
    return ContainerFigures(
        digital_code=load["digital_code"],
        waste_name=load["waste_name"],
        packing=label(Packaging(load["packaging"]), "zh"),
        declared=Mass(load["declared_g"]),
        measured=None if load["measured_g"] is None else Mass(load["measured_g"]),
        estimated=load["method"] == WeighingMethod.ESTIMATE.value,
        outcome=None if load["outcome"] is None else _words(Outcome(load["outcome"])),
        measured_at=load["scanned_at"],
    )


def _signature(signature: Any) -> SignatureFigures:  # noqa: ANN401  a record
    return SignatureFigures(
        meaning=_words(Act(signature["act"])),
        person_name=signature["person_name"],
        organisation_name=signature["organisation_name"],
        signed_at=signature["happened_at"],
        log_index=signature["log_index"],
        leaf_hash=signature["hash"].hex(),
    )


def _happening(event: Any) -> HappeningFigures:  # noqa: ANN401  a record
    if event["what"] == "mismatch":
        kinds = "、".join(label(MismatchKind(kind), "zh") for kind in event["kinds"])
        title, said = words.MISMATCH, [kinds, label(MismatchState(event["state"]), "zh")]
    elif event["what"] == "redirected":
        title, said = words.REDIRECTED, []
    else:
        title, said = _words(IncidentKind(event["what"])), [label(IncidentState(event["state"]), "zh")]
    mass = "" if event["grams"] is None else Mass(event["grams"]).kg_text()
    parts = [*said, event["digital_code"] or "", mass, event["text"], event["more"]]
    return HappeningFigures(
        title=title, happened_at=event["happened_at"], text="；".join(part for part in parts if part)
    )


def _correction(correction: Any) -> CorrectionFigures:  # noqa: ANN401  a record
    field = CorrectionField(correction["field"])
    if field is not CorrectionField.MEASURED_MASS:
        named = f"{label(field, 'zh')} {correction['leg_position'] or ''}".strip()
        return CorrectionFigures(
            corrected_at=correction["answered_at"],
            person_name=correction["person_name"],
            text=f"{named}: {correction['old_text'] or '—'} → {correction['new_text']}；{correction['reason']}",
        )
    old, new = Mass(correction["old_measured_g"]).kg_text(), Mass(correction["measured_g"]).kg_text()
    return CorrectionFigures(
        corrected_at=correction["answered_at"],
        person_name=correction["person_name"],
        text=f"{correction['digital_code']}: {old} → {new}；{correction['reason']}",
    )
