"""A ward closes a bag or box: weighed, its class fixed, labelled; from here on it is a container of the ledger."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import Description, LabelContainer, Packed, Weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse_one
from wastetrack.medical import emergencies
from wastetrack.medical.model import CODE_OF, HAZARDS_OF, NAME_OF, PackBag, WeighedBy
from wastetrack.medical.registering import ward_locked
from wastetrack.medical.tables import BagRow, WardRow
from wastetrack.medical.weighing import reading_for
from wastetrack.parties import queries as parties
from wastetrack.scales.model import Reading


async def pack_bag(
    session: WriteSession, actor: Actor, command: PackBag, *, at: datetime
) -> tuple[Container, BagRow, Recorded]:
    """Take a bag, sharps box or turnover box of a ward into the ledger and give it its digital code.

    Raises NotFound, Forbidden, RuleBroken with every rule that the bag breaks (HJ 421, 条例 art. 16).
    """
    ward = await ward_locked(session, command.ward_id)
    demand_own(actor, Verb.LABEL, ward.organisation_id)
    if not ward.active:
        message = "Ward {value} is closed."
        refuse_one("ward_id", "ward_closed", message, value=ward.code, next_step="Open it again, or choose another.")
    reading = None
    if command.reading_id is not None:
        reading = await reading_for(session, ward, command.reading_id, at=at)
    container, _ = await label_container(session, actor, _label(ward, command, _weighing(command, reading), at), at=at)
    site = await parties.site(session, ward.site_id)
    bag = BagRow(
        container_id=container.id,
        organisation_id=ward.organisation_id,
        site_id=ward.site_id,
        ward_id=ward.id,
        kind=command.kind.value,
        highly_infectious=command.highly_infectious,
        weighed_by=(WeighedBy.TYPED if reading is None else WeighedBy.SCALE).value,
        handler_id=actor.person_id,
        emergency_id=await emergencies.in_force(session, site.region_code, at=at),
        packed_at=at,
    )
    leaf = await keep_bag(session, actor, bag, facts={"ward": ward.code, "reading": _id(command.reading_id)}, at=at)
    return container, bag, leaf


async def keep_bag(
    session: WriteSession, actor: Actor, bag: BagRow, *, facts: dict[str, object], at: datetime
) -> Recorded:
    """Write what a container of medical waste is besides, and the event that says so."""
    session.add(bag)
    await session.flush()
    return await record(
        session,
        actor,
        "medical_bag_packed",
        subjects=(bag.container_id, bag.site_id),
        moment=moment_of(None, at),
        facts={
            "container": str(bag.container_id),
            "site": str(bag.site_id),
            "kind": bag.kind,
            "highly_infectious": bag.highly_infectious,
            "weighed_by": bag.weighed_by,
            "emergency": _id(bag.emergency_id),
            **facts,
        },
    )


def _id(named: UUID | None) -> str | None:
    return None if named is None else str(named)


def _weighing(command: PackBag, reading: Reading | None) -> Weighing:
    if reading is not None:
        return Weighing(
            gross=reading.gross, tare=command.tare, method=reading.kind.method, confirmed=True, reading_id=reading.id
        )
    if command.weighing is None:
        step = "Put the bag on the scale again, or type what it shows."
        refuse_one("gross_g", "mass_missing", "Nothing says what this bag weighs.", next_step=step)
    return command.weighing


def _label(ward: WardRow, command: PackBag, weighing: Weighing, at: datetime) -> LabelContainer:
    return LabelContainer(
        site_id=ward.site_id,
        description=Description(
            waste_code=CODE_OF[command.kind],
            waste_name=NAME_OF[command.kind],
            form=command.form,
            hazards=command.hazards or HAZARDS_OF.get(command.kind, ("In",)),
            remarks=command.remarks,
        ),
        packaging=command.packaging,
        volume_l=command.volume_l,
        weighing=weighing,
        generated_on=legal_day(at),
        packed=Packed(
            department=ward.name,
            layers=command.layers,
            filled_percent=command.filled_percent,
            highly_infectious=command.highly_infectious,
        ),
    )
