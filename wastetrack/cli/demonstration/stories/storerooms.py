"""The works' new store: zones, a spot beside the line, labels printed and replaced, a count with a difference."""

from dataclasses import dataclass
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.cli.demonstration.guests import ACID, PICKLING, SLUDGE
from wastetrack.cli.demonstration.members import Load
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.hauling import label
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.containers.counting import begin_stock_take, count_container, finish_stock_take
from wastetrack.containers.model import PrintLabels, PrintReason, StoreContainers
from wastetrack.containers.printing import print_labels
from wastetrack.containers.stock_takes import BeginStockTake, CountContainer, EndStockTake
from wastetrack.containers.storing import store_containers
from wastetrack.mass import Mass
from wastetrack.parties.commands import AddStore
from wastetrack.parties.registering import add_store
from wastetrack.parties.storerooms import Room, StoreKind
from wastetrack.reports.label_pdf import LabelPaper

_DRIED_G = 4_200


@dataclass(frozen=True, slots=True)
class Stores:
    """A building with two zones, and a spot."""

    acids: UUID
    sludges: UUID
    spot: UUID


async def new_store(teller: Teller) -> None:
    """Built, filled, labelled, counted."""
    works = teller.guests.works
    step = await teller.at(41, 9.0)
    stores = await _build(teller, step)
    step = await teller.at(40, 10.0)
    acid = await label(teller, step, works, ACID, 985, store_id=stores.acids)
    sludges = await label(teller, step, works, SLUDGE, 214, 226, 231, store_id=stores.sludges)
    await label(teller, step, works, PICKLING, 610, store_id=stores.spot)
    step = await teller.at(39, 9.0)
    stated = StoreContainers(container_ids=(acid[0].id,), store_id=stores.acids, compatibility=CompatibilityClass.ACID)
    await store_containers(step.session, works.by(Role.FILER), stated, at=step.at)
    await _labels(teller, step, sludges)
    await _count(teller, await teller.at(6, 14.0), stores, sludges)


async def _build(teller: Teller, step: Step) -> Stores:
    async def add(code: str, name: str, limit: str, room: Room) -> UUID:
        site = teller.guests.works.site
        command = AddStore(site_id=site.id, code=code, name=name, limit=Mass.parse(limit), room=room)
        return (await add_store(step.session, teller.guests.works.by(Role.OWNER), command, at=step.at)).id

    hall = await add("TS010", "二号贮存库", "30 t", Room(kind=StoreKind.WAREHOUSE, area_m2=120, containment_l=6_000))
    zone = StoreKind.ZONE
    return Stores(
        acids=await add("TS010-A", "废酸分区", "8 t", Room(kind=zone, parent_id=hall, containment_l=3_000)),
        sludges=await add("TS010-B", "污泥分区", "15 t", Room(kind=zone, parent_id=hall)),
        spot=await add("TS020", "镀镍线贮存点", "3 t", Room(kind=StoreKind.SPOT, area_m2=6)),
    )


async def _labels(teller: Teller, step: Step, loads: list[Load]) -> None:
    """Printed, printed once more, and one replaced because it was damaged: its old label is void."""
    _, second, third = loads
    for why, chosen, reason in (
        (PrintReason.FIRST, loads, ""),
        (PrintReason.REPRINT, [second], "补贴背面"),
        (PrintReason.DAMAGED, [third], "叉车刮破，字迹不清"),
    ):
        command = PrintLabels(
            container_ids=tuple(load.id for load in chosen), why=why, paper=LabelPaper.SINGLE.value, reason=reason
        )
        step = await teller.later(step, 0.5)
        await print_labels(step.session, teller.guests.works.by(Role.FILER), command, at=step.at)


async def _count(teller: Teller, step: Step, stores: Stores, loads: list[Load]) -> None:
    """The zone is counted; one drum has dried out and weighs less than the books say."""
    works = teller.guests.works
    actor = works.by(Role.FILER)
    begun = BeginStockTake(site_id=works.site.id, store_id=stores.sludges)
    taking, _ = await begin_stock_take(step.session, actor, begun, at=step.at)
    step = await teller.later(step, 0.5)
    for place, load in enumerate(loads):
        found = CountContainer(
            stock_take_id=taking.id,
            digital_code=load.digital_code,
            gross=None if place else Mass(load.net_g + load.tare_g - _DRIED_G),
            scale_id="PS-01",
            uncertainty=Mass(100),
        )
        await count_container(step.session, actor, found, at=step.at)
    step = await teller.later(step, 0.5)
    await finish_stock_take(step.session, actor, EndStockTake(stock_take_id=taking.id), at=step.at)
