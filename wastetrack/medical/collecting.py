"""The hospital's own collector walks the wards: the nurse hands over, bags are scanned, count and mass agree."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.manifests.tolerance import agrees, tolerance
from wastetrack.mass import Mass
from wastetrack.medical.model import HandOverWard, RoundState
from wastetrack.medical.registering import ward_locked
from wastetrack.medical.tables import BagRow, HandoverRow, RoundBagRow, RoundRow, WardRow
from wastetrack.parties import queries as parties


async def start_round(session: WriteSession, actor: Actor, site_id: UUID, *, at: datetime) -> RoundRow:
    """A collector sets out. Raises NotFound, Forbidden."""
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.STORE, site.organisation_id)
    row = RoundRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        collector_id=actor.person_id,
        state=RoundState.WALKING.value,
        started_at=at,
    )
    session.add(row)
    await session.flush()
    return row


async def round_locked(session: WriteSession, actor: Actor, round_id: UUID) -> RoundRow:
    """A round that still walks, for its own collector. Raises NotFound, Forbidden, Conflict."""
    statement = sa.select(RoundRow).where(col(RoundRow.id) == round_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("round_unknown", "There is no such round.", round_id=round_id)
    demand_own(actor, Verb.STORE, row.organisation_id)
    if row.collector_id != actor.person_id:
        raise Forbidden("round_of_another", "This round is walked by another collector.")
    if row.state != RoundState.WALKING.value:
        raise Conflict("round_over", "This round has ended at the store.")
    return row


async def hand_over_ward(
    session: WriteSession, actor: Actor, command: HandOverWard, *, at: datetime
) -> tuple[HandoverRow, Recorded]:
    """The ward's nurse gives these bags to the collector. Raises NotFound, ContainerUnknown, Forbidden, Conflict,
    RuleBroken where count or mass are not what stands on the labels, or a bag is not the ward's to give."""
    walk = await round_locked(session, actor, command.round_id)
    ward = await ward_locked(session, command.ward_id)
    codes = list(dict.fromkeys(str(code) for code in command.codes))
    rows = await containers.locked_by_codes(session, actor, codes)
    bags = await _bags(session, rows)
    broken = [*_check_place(walk, ward), *_check_bags(ward, rows, bags), *_check_sums(command, codes, rows)]
    if not command.nurse.name.strip():
        message = "Write down the nurse who hands over."
        broken.append(Broken("nurse_name", "nurse_missing", message, article="医疗废物管理条例 art. 12"))
    refuse(broken)
    row = HandoverRow(
        id=new_id(),
        round_id=walk.id,
        organisation_id=walk.organisation_id,
        ward_id=ward.id,
        nurse_name=command.nurse.name.strip(),
        nurse_confirmed=command.nurse.confirmed.value,
        nurse_id=command.nurse.person_id,
        collector_id=actor.person_id,
        bags=len(rows),
        mass_g=sum(one.net_g for one in rows),
        happened_at=at,
    )
    session.add(row)
    await session.flush()
    await _collect(session, walk, row, rows)
    for bag in bags.values():
        bag.collected_at = at
    await session.flush()
    return row, await _record(session, actor, ward, row, rows, at=at)


async def _bags(session: WriteSession, rows: list[Container]) -> dict[UUID, BagRow]:
    statement = sa.select(BagRow).where(col(BagRow.container_id).in_([row.id for row in rows]))
    found = await session.execute(statement.execution_options(populate_existing=True))
    return {bag.container_id: bag for bag in found.scalars()}


def _check_place(walk: RoundRow, ward: WardRow) -> list[Broken]:
    if ward.site_id == walk.site_id:
        return []
    message = "Ward {value} is not at the site of this round."
    return [Broken("ward_id", "ward_elsewhere", message, ward.code, next_step="Scan a door label of this site.")]


def _check_bags(ward: WardRow, rows: list[Container], bags: dict[UUID, BagRow]) -> list[Broken]:
    broken: list[Broken] = []
    for row in rows:
        bag = bags.get(row.id)
        if bag is None or bag.ward_id != ward.id:
            message = "{value} is not a bag of this ward."
            step = "Take it over at the ward whose name is on the label."
            broken.append(Broken("labels", "bag_of_another_ward", message, row.digital_code, next_step=step))
        elif bag.collected_at is not None:
            broken.append(_collected(row.digital_code))
        elif row.state != ContainerState.AT_SITE.value or row.site_id != ward.site_id:
            message = "Bag {value} does not stand at this site any more."
            broken.append(Broken("labels", "container_elsewhere", message, row.digital_code))
    return broken


def _collected(code: str) -> Broken:
    message = "Bag {value} has been collected already."
    step = "Leave it out; it is on another collector's round."
    return Broken("labels", "bag_collected_already", message, code, next_step=step)


def _check_sums(command: HandOverWard, codes: list[str], rows: list[Container]) -> list[Broken]:
    broken: list[Broken] = []
    if not codes:
        return [Broken("labels", "bags_missing", "Scan at least one bag.")]
    if command.bags != len(codes):
        message = "{value} bags are to be handed over, but {scanned} were scanned."
        facts: dict[str, object] = {"scanned": len(codes)}
        step = "Count together with the nurse, and scan what is missing."
        broken.append(Broken("bags", "bags_differ", message, command.bags, facts=facts, next_step=step))
    labelled = Mass(sum(row.net_g for row in rows))
    if not agrees(labelled, command.mass, margin(labelled)):
        message = "The bags weigh {value} together; their labels say {labelled}."
        facts = {"labelled": labelled.kg_text()}
        step = "Weigh the bags one by one; a bag whose label is wrong is weighed again by the ward."
        broken.append(Broken("mass", "mass_differs", message, command.mass.kg_text(), facts=facts, next_step=step))
    return broken


def margin(declared: Mass) -> Mass:
    """Within which two weighings of the same bags say the same."""
    figures = jurisdiction()
    return tolerance(
        declared,
        per_mille=figures.weight_tolerance.value,
        floor_g=figures.weight_tolerance_floor.value,
        declared_u=None,
        measured_u=None,
    )


async def _collect(session: WriteSession, walk: RoundRow, handover: HandoverRow, rows: list[Container]) -> None:
    write = (
        insert(RoundBagRow)
        .values(
            [
                {
                    "container_id": row.id,
                    "organisation_id": walk.organisation_id,
                    "round_id": walk.id,
                    "handover_id": handover.id,
                    "ward_g": row.net_g,
                }
                for row in rows
            ]
        )
        .on_conflict_do_nothing()
        .returning(col(RoundBagRow.container_id))
    )
    taken = set((await session.execute(write)).scalars())
    refuse([_collected(row.digital_code) for row in rows if row.id not in taken])


async def _record(
    session: WriteSession, actor: Actor, ward: WardRow, row: HandoverRow, rows: list[Container], *, at: datetime
) -> Recorded:
    return await record(
        session,
        actor,
        "ward_handed_over",
        subjects=(*(one.id for one in rows), ward.site_id),
        moment=moment_of(None, at),
        facts={
            "round": str(row.round_id),
            "site": str(ward.site_id),
            "ward": ward.code,
            "bags": row.bags,
            "mass_g": row.mass_g,
            "nurse_confirmed": row.nurse_confirmed,
            "digital_codes": [one.digital_code for one in rows],
        },
        event_id=row.id,
    )
