"""What happens on the way: an agreed hand-over, a breakdown, a leak, another receiver, a mismatch at the gate."""

from datetime import timedelta

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.guests import PICKLING, SLUDGE
from wastetrack.cli.demonstration.members import Waiting
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller, act, leg, signed
from wastetrack.cli.demonstration.year import TRANSFER_YARD
from wastetrack.ids import new_id
from wastetrack.manifests import mismatching, redirecting, reporting_incidents, transporting
from wastetrack.manifests.journey_model import (
    CloseIncident,
    HandOver,
    HandOverCheck,
    IncidentKind,
    MismatchKind,
    Redirect,
    ReplaceVehicle,
    ReportIncident,
    ReportMismatch,
)
from wastetrack.mass import Mass

_METHOD = "D9"
_RELIEF = 4
"""Which of the carriers comes to help: the one in the plant's own city."""


async def _to_physico(teller: Teller, before: int, *net_kg: int, code: str = PICKLING) -> tuple[Haul, Step]:
    """A load of the works to the first plant, labelled and not filed."""
    works = teller.guests.works
    step = await teller.at(before, 8.0)
    loads = await label(teller, step, works, code, *net_kg)
    plant = teller.year.cast.plants["physico"]
    haul = Haul(teller=teller, sender=works, receiver=plant, carriers=[teller.carrier()], method=_METHOD, loads=loads)
    return haul, await teller.later(step, 0.3)


def _to_treatment(haul: Haul, step: Step) -> None:
    plant = haul.teller.year.cast.plants["physico"]
    plant.waiting.extend(Waiting(load, _METHOD, step.at) for load in haul.loads)


async def agreed_handover(teller: Teller) -> None:
    """Two carriers who meet where and when they agreed; the second scans every label before it signs."""
    haul, step = await _to_physico(teller, 33, 812, 905)
    relief = teller.carrier(_RELIEF)
    meet_at = step.at + timedelta(hours=4)
    haul.carriers = [teller.carrier(), relief]
    haul.legs = (
        leg(teller.carrier(), haul.sender, haul.receiver),
        leg(relief, haul.sender, haul.receiver, place=TRANSFER_YARD, meet_at=meet_at),
    )
    step = await haul.pick_up(await haul.file(step))
    step = await teller.year.clock.until(meet_at)
    check = HandOverCheck(scanned=tuple(load.id for load in haul.loads), counted=len(haul.loads))
    command = HandOver(manifest_id=haul.manifest_id, check=check, signing=signed(step, relief, Role.DRIVER))
    await transporting.hand_over(step.session, relief.by(Role.DRIVER), command, at=step.at)
    step = await haul.take_in(await haul.arrive(step))
    _to_treatment(haul, step)


async def breakdown(teller: Teller) -> None:
    """The lorry stops on the motorway; a carrier of the next city takes the load on."""
    haul, step = await _to_physico(teller, 28, 640, 730)
    step = await teller.later(await haul.pick_up(await haul.file(step)), 1.5)
    first, relief = teller.carrier(), teller.carrier(_RELIEF)
    incident = ReportIncident(
        incident_id=new_id(),
        manifest_id=haul.manifest_id,
        kind=IncidentKind.BREAKDOWN,
        place="荣乌高速 K318 应急车道",
        region_code=places.HANTING.region_code,
        what="发动机过热，无法继续行驶",
    )
    await reporting_incidents.report_incident(step.session, first.by(Role.DRIVER), incident, at=step.at)
    plate = leg(relief, haul.sender, haul.receiver).plate
    help_comes = ReplaceVehicle(
        incident_id=incident.incident_id,
        carrier_id=relief.organisation.id,
        plate=plate,
        at_place="荣乌高速 寒亭服务区",
        meet_at=step.at + timedelta(hours=2),
        driver_id=relief.drivers[0].id,
    )
    await reporting_incidents.replace_vehicle(step.session, first.by(Role.DRIVER), help_comes, at=step.at)
    step = await teller.later(step, 2.2)
    taken_over = act(step, relief, Role.DRIVER, haul.manifest_id)
    await transporting.hand_over(step.session, relief.by(Role.DRIVER), taken_over, at=step.at)
    over = CloseIncident(incident_id=incident.incident_id, outcome="车辆已拖离，货物完好换装")
    await reporting_incidents.close_incident(step.session, first.by(Role.DRIVER), over, at=step.at)
    await reporting_incidents.note_incident(step.session, haul.sender.by(Role.SIGNER), incident.incident_id, at=step.at)
    haul.carriers = [first, relief]
    step = await haul.take_in(await haul.arrive(step))
    _to_treatment(haul, step)


async def leak(teller: Teller) -> None:
    """Yesterday a drum lost a part of its content; the record is open, the lorry stands."""
    haul, step = await _to_physico(teller, 1, 212, 233, code=SLUDGE)
    step = await teller.later(await haul.pick_up(await haul.file(step)), 1.2)
    incident = ReportIncident(
        incident_id=new_id(),
        manifest_id=haul.manifest_id,
        kind=IncidentKind.CONTAINER_LEAKING,
        place="烟台市芝罘区机场路匝道",
        region_code=places.ZHIFU.region_code,
        what="急刹车后桶盖松动",
        measures="围堵，吸附棉收集入备用桶",
        reported_to="烟台市生态环境局值班电话",
        container_id=haul.loads[0].id,
        spilled=Mass.parse("6.5 kg"),
    )
    driver = teller.carrier().by(Role.DRIVER)
    await reporting_incidents.report_incident(step.session, driver, incident, at=step.at)


async def another_receiver(teller: Teller) -> None:
    """The plant cannot take it while the load is on the road; the shipper sends it on to the cement kiln."""
    haul, step = await _to_physico(teller, 8, 690, 655)
    step = await teller.later(await haul.pick_up(await haul.file(step)), 1)
    kiln = teller.year.cast.plants["kiln"]
    command = Redirect(
        manifest_id=haul.manifest_id,
        receiver_site_id=kiln.site.id,
        method="C1",
        reason="接受人污泥线临时停车检修",
        signing=signed(step, haul.sender, Role.SIGNER),
    )
    await redirecting.redirect(step.session, haul.sender.by(Role.SIGNER), command, at=step.at)
    haul.receiver = kiln
    step = await haul.take_in(await haul.arrive(step))
    kiln.waiting.extend(Waiting(load, "C1", step.at) for load in haul.loads)


async def mismatch(teller: Teller) -> None:
    """The gate found other packaging than declared; shipper and authority know, the decision waits."""
    haul, step = await _to_physico(teller, 1, 588, 602)
    step = await haul.arrive(await haul.pick_up(await haul.file(step)))
    gate = haul.receiver.by(Role.GATE_OPERATOR)
    command = ReportMismatch(
        mismatch_id=new_id(),
        manifest_id=haul.manifest_id,
        kinds=(MismatchKind.PACKAGING, MismatchKind.FORM),
        found="吨袋破损，含水率明显偏高",
        container_id=haul.loads[0].id,
    )
    await mismatching.report_mismatch(step.session, gate, command, at=step.at)
