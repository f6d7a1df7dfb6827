"""Draft and withdraw a trip card: what an institution will hand to a carrier for a plant."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries as containers
from wastetrack.containers.custody import hold
from wastetrack.containers.model import ContainerState, Description, Form, check_chosen
from wastetrack.containers.moments import moment_of
from wastetrack.containers.packaging_rules import medical_class
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, Malformed, refuse
from wastetrack.ids import new_id
from wastetrack.manifests.model import ManifestKind
from wastetrack.manifests.monthly import month_manifest, month_of
from wastetrack.manifests.running import DraftPeriod, Expected
from wastetrack.mass import Mass
from wastetrack.medical import called_up, card_queries, emergencies
from wastetrack.medical.card_tables import CardBagRow, CardRow
from wastetrack.medical.model import CardState, DraftCard
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site, Vehicle

_MOST_BAGS = 1_000


async def draft_card(session: WriteSession, actor: Actor, command: DraftCard, *, at: datetime) -> CardRow:
    """List what a vehicle is to take. The first card of a month drafts the month's manifest.

    Raises NotFound, ContainerUnknown, Forbidden, RuleBroken.
    """
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    receiver = await parties.site(session, command.receiver_site_id)
    refuse(check_chosen(command.container_ids))
    if command.call_id is not None:
        refuse(await called_up.why_not_called(session, site, receiver, command.call_id, at=at))
    rows = await containers.locked(session, actor, command.container_ids)
    vehicle, broken = await _vehicle(session, command)
    refuse([*broken, *_check_bags(site, rows)])
    assert vehicle is not None  # noqa: S101  a vehicle that is not there was refused
    begins_on, ends_on = month_of(legal_day(at))
    codes = tuple(sorted({row.waste_code for row in rows}))
    basis, exemptions = await called_up.ground_at(session, site, receiver, codes, command.method, at=at)
    wanted = DraftPeriod(
        kind=ManifestKind.MEDICAL,
        shipper_site_id=site.id,
        receiver_site_id=receiver.id,
        method=command.method,
        begins_on=begins_on,
        ends_on=ends_on,
        wastes=expected_of(rows),
        basis=basis,
        exemptions=exemptions,
    )
    manifest = await month_manifest(session, actor, wanted, at=at)
    refuse(called_up.why_not_any_more(manifest.basis, basis))
    rows.sort(key=lambda row: (not row.highly_infectious, row.waste_code, row.digital_code))
    card = CardRow(
        id=new_id(),
        manifest_id=manifest.id,
        serial=await _next_serial(session, manifest.id),
        organisation_id=site.organisation_id,
        site_id=site.id,
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        method=manifest.method,
        carrier_id=command.carrier_id,
        vehicle_id=vehicle.id,
        driver_id=command.driver_id,
        driver_name=command.driver_name.strip(),
        state=CardState.DRAFT.value,
        highly_infectious=any(row.highly_infectious for row in rows),
        emergency_id=await emergencies.in_force(session, site.region_code, at=at),
        bags=len(rows),
        declared_g=sum(row.net_g for row in rows),
        boxes=command.boxes,
        remarks=command.remarks.strip(),
        created_at=at,
        last_act_at=at,
    )
    await _write(session, card, rows)
    return card


async def _write(session: WriteSession, card: CardRow, rows: list[Container]) -> None:
    session.add(card)
    await session.flush()
    await show(session, card_queries.KIND, card.id, (viewer_of_organisation(card.organisation_id),))
    session.add_all(
        CardBagRow(
            card_id=card.id,
            position=position,
            container_id=row.id,
            open=True,
            waste_code=row.waste_code,
            digital_code=row.digital_code,
            highly_infectious=row.highly_infectious,
            declared_g=row.net_g,
        )
        for position, row in enumerate(rows, 1)
    )
    await session.flush()
    await hold(session, [row.id for row in rows], card.manifest_id)


def expected_of(rows: list[Container]) -> tuple[Expected, ...]:
    """What these bags bring, by code, as a period's manifest wants to know it before."""
    grams: dict[str, int] = defaultdict(int)
    first = {row.waste_code: row for row in reversed(rows)}
    for row in rows:
        grams[row.waste_code] += row.net_g
    return tuple(
        Expected(
            description=Description(
                waste_code=code,
                waste_name=first[code].waste_name,
                form=Form(first[code].form),
                hazards=tuple(first[code].hazards),
            ),
            planned=Mass(grams[code]),
        )
        for code in sorted(grams)
    )


async def _vehicle(session: WriteSession, command: DraftCard) -> tuple[Vehicle | None, list[Broken]]:
    broken: list[Broken] = []
    if not command.driver_name.strip() and command.driver_id is None:
        message = "Name the driver who will sign."
        broken.append(Broken("driver_name", "driver_missing", message, article="令23 art. 11"))
    if command.boxes < 0:
        broken.append(Broken("boxes", "boxes_negative", "There cannot be {value} turnover boxes.", command.boxes))
    try:
        vehicle = await parties.vehicle_of_carrier(session, command.carrier_id, command.plate)
    except Malformed as unreadable:
        return None, [*broken, unreadable.as_broken("plate", command.plate)]
    if vehicle is None:
        message = "This carrier has no vehicle {value}."
        step = "Check the plate, or ask the carrier to register the vehicle."
        broken.append(
            Broken("plate", "vehicle_unknown", message, command.plate, article="令23 art. 11", next_step=step)
        )
    return vehicle, broken


def _check_bags(site: Site, rows: list[Container]) -> list[Broken]:
    broken: list[Broken] = []
    if len(rows) > _MOST_BAGS:
        message = "{value} bags are more than one vehicle's load ({limit})."
        facts: dict[str, object] = {"limit": _MOST_BAGS}
        broken.append(Broken("container_ids", "containers_too_many", message, len(rows), facts=facts))
    for row in rows:
        if medical_class(row.waste_code) is None:
            message = "{value} is no medical waste; it goes on a manifest of its own."
            broken.append(
                Broken("container_ids", "not_medical", message, row.digital_code, article="医疗废物管理条例 art. 26")
            )
        elif row.state != ContainerState.AT_SITE.value or row.site_id != site.id:
            message = "Bag {value} does not stand at this site any more."
            broken.append(Broken("container_ids", "container_elsewhere", message, row.digital_code))
        elif row.held_for is not None:
            message = "Bag {value} is on another trip card or manifest already."
            broken.append(Broken("container_ids", "container_on_open_card", message, row.digital_code))
    return broken


async def _next_serial(session: WriteSession, manifest_id: UUID) -> int:
    """The next card of a month; its manifest is locked."""
    statement = sa.select(sa.func.max(col(CardRow.serial))).where(col(CardRow.manifest_id) == manifest_id)
    return ((await session.execute(statement)).scalar_one_or_none() or 0) + 1


async def cancel_card(
    session: WriteSession, actor: Actor, card_id: UUID, *, reason: str = "", at: datetime
) -> tuple[CardRow, Recorded | None]:
    """Withdraw a card before its bags moved; once it was handed over, with a reason, and the log keeps it.

    Raises NotFound, Forbidden, Conflict, RuleBroken.
    """
    card = await card_queries.card_locked(session, actor, card_id)
    demand_own(actor, Verb.FILE, card.organisation_id)
    before = CardState(card.state)
    if before not in {CardState.DRAFT, CardState.HANDED_OVER}:
        message = "A trip card that is {state} cannot be withdrawn."
        raise Conflict("card_under_way", message, state=before)
    if before is CardState.HANDED_OVER and not reason.strip():
        message = "Say why; the carrier and the plant will read it."
        refuse([Broken("reason", "reason_missing", message)])
    bags = await card_queries.bags_of(session, card.id)
    for bag in bags:
        bag.open = False
    card.state, card.version, card.last_act_at = CardState.CANCELLED.value, card.version + 1, at
    await session.flush()
    await hold(session, [bag.container_id for bag in bags], None)
    if before is CardState.DRAFT:
        return card, None
    leaf = await record(
        session,
        actor,
        "trip_card_cancelled",
        subjects=(card.id, card.manifest_id, *(bag.container_id for bag in bags)),
        moment=moment_of(None, at),
        facts={"card": str(card.id), "manifest": str(card.manifest_id), "reason": reason.strip()},
    )
    return card, leaf
