"""What happens on the way and around it: trips, mismatches, incidents, other receivers, pipes, papers."""

import dataclasses
from datetime import date, timedelta
from uuid import UUID

from tests.support import parties as made
from tests.support.acts import BY_PASSWORD, SignAct
from tests.support.journeys import sign_trip
from tests.support.papers import a_paper, scan_attached
from tests.support.pipes import Pipe, a_month, a_pipe, drafted, opened
from tests.support.plans import contract_for, plan_for
from tests.support.world import AT, OIL, TODAY, World, a_drum, arrived, filed, scanned
from wastetrack import clock
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import (
    back_entering,
    closing_trips,
    mismatching,
    planning_trips,
    redirecting,
    reporting_incidents,
    reserving,
    transporting,
)
from wastetrack.manifests.journey_model import (
    IncidentKind,
    MismatchKind,
    PlanTrip,
    Redirect,
    ReportIncident,
    ReportMismatch,
)
from wastetrack.manifests.papers import ReserveNumbers
from wastetrack.manifests.periods import PeriodLength, whole_period
from wastetrack.manifests.running import DraftPeriod
from wastetrack.parties.model import OrganisationKind, Site, SiteKind
from wastetrack.parties.permitting import grant_permit

AFTERWARDS = AT + timedelta(days=61)
Things = dict[str, str]


async def things_of_ways(session: WriteSession, world: World) -> Things:
    """Of the workshop, its carrier and the incinerator of this world."""
    return {
        **await _trips(session, world),
        **await _trouble(session, world),
        **await _redirected(session, world),
        **await _pipes(session, world),
        **await _papers(session, world),
    }


async def _on_the_road(session: WriteSession, world: World) -> str:
    manifest_id = await filed(session, world, [await a_drum(session, world)])
    await _fetched(session, world, manifest_id)
    return str(manifest_id)


async def _fetched(session: WriteSession, world: World, manifest_id: object) -> None:
    at = AT + timedelta(hours=1)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=at)  # type: ignore[arg-type]


async def _trips(session: WriteSession, world: World) -> Things:
    drums = [await a_drum(session, world) for _ in range(6)]
    manifests = [await filed(session, world, [drum]) for drum in drums]
    trip, arrived_trip = [await _trip(session, world, *manifests[at : at + 2]) for at in (0, 2)]
    at = AT + timedelta(hours=3)
    await closing_trips.arrive_trip(session, world.carrier.owner, sign_trip(arrived_trip), at=at)
    for manifest_id, drum in zip(manifests[2:4], drums[2:4], strict=True):
        await scanned(session, world, manifest_id, drum, "200 kg")
    return {
        "trip": str(trip),
        "arrived_trip": str(arrived_trip),
        "stop": str(manifests[4]),
        "other_stop": str(manifests[5]),
    }


async def _trip(session: WriteSession, world: World, *manifests: UUID) -> UUID:
    command = PlanTrip(trip_id=new_id(), plate=world.plate, day=TODAY, manifest_ids=manifests)
    trip, _ = await planning_trips.plan_trip(session, world.carrier.owner, command, at=AT)
    for manifest_id in manifests:
        await _fetched(session, world, manifest_id)
    return trip.id


async def _trouble(session: WriteSession, world: World) -> Things:
    odd = await arrived(session, world, [await a_drum(session, world)])
    at_gate = await arrived(session, world, [await a_drum(session, world)])
    told = ReportMismatch(mismatch_id=new_id(), manifest_id=odd, kinds=(MismatchKind.FORM,), found="实为固态")
    at = AT + timedelta(hours=4)
    mismatch, _ = await mismatching.report_mismatch(session, world.receiver.owner, told, at=at)
    stranded = await _on_the_road(session, world)
    broken = ReportIncident(
        incident_id=new_id(),
        manifest_id=stranded,  # type: ignore[arg-type]
        kind=IncidentKind.BREAKDOWN,
        place="荣乌高速 K123",
        region_code=world.generator.site.region_code,
        what="爆胎",
        measures="搜寻",
        reported_to="12369",
    )
    incident, _ = await reporting_incidents.report_incident(session, world.carrier.owner, broken, at=at)
    drum = await a_drum(session, world)
    lossy = await filed(session, world, [drum])
    await _fetched(session, world, lossy)
    lost = dataclasses.replace(
        broken, incident_id=new_id(), manifest_id=lossy, kind=IncidentKind.CONTAINER_LOST, container_id=drum.id
    )
    await reporting_incidents.report_incident(session, world.carrier.owner, lost, at=at)
    return {
        "lossy": str(lossy),
        "lost": str(drum.id),
        "mismatch": str(mismatch.id),
        "incident": str(incident.id),
        "at_gate": str(at_gate),
    }


async def _another_receiver(session: WriteSession, region: str) -> Site:
    firm = await made.registered(session, OrganisationKind.DISPOSER, region_code=region)
    site = await made.site_added(session, firm, kind=SiteKind.TREATMENT, region_code=region)
    await grant_permit(session, made.approver(region[:4]), made.permit_command(firm.id), at=AT)
    return site


async def _redirected(session: WriteSession, world: World) -> Things:
    owner, other = world.generator.owner, await _another_receiver(session, world.generator.site.region_code)
    firm = other.organisation_id
    years = (TODAY.year,)
    await plan_for(session, world.generator.site, firm, (OIL,), method="R9", years=years, actor=owner)
    await contract_for(session, world.generator.id, firm, (OIL,), shipper=owner)
    turned = Redirect(
        manifest_id=await _on_the_road(session, world),  # type: ignore[arg-type]
        receiver_site_id=other.id,
        method="R9",
        reason="临时停炉",
        signing=BY_PASSWORD,
    )
    row, leaf = await redirecting.redirect(session, owner, turned, at=AT + timedelta(hours=2))
    return {
        "redirection": str(leaf.id),
        "redirected": str(row.id),
        "under_way": await _on_the_road(session, world),
        "other_receiver_site": str(other.id),
    }


def _month(world: World, month: int) -> DraftPeriod:
    begins_on = date(2026, month, 1)
    ends_on = date(2026, month + 1, 1) - timedelta(days=1)
    return dataclasses.replace(a_month(world), begins_on=begins_on, ends_on=ends_on)


def _this_month(world: World) -> DraftPeriod:
    month = whole_period(legal_day(clock.now()), PeriodLength.MONTH)
    return dataclasses.replace(a_month(world), begins_on=month.begins_on, ends_on=month.ends_on)


async def _pipes(session: WriteSession, world: World) -> Things:
    pipe = await a_pipe(session, world)
    whole = Pipe(
        session, world, await opened(session, world, _month(world, 4), at=AT), pipe.shipper_meter, pipe.receiver_meter
    )
    for day in range(1, 31):
        await whole.both(date(2026, 4, day), "0.1", "0.1", at=AFTERWARDS)
    await pipe.sent(date(2026, 3, 4), "0.1", at=AFTERWARDS)
    return {
        "whole_period": str(whole.id),
        "period": str(pipe.id),
        "period_draft": str(await drafted(session, world, _this_month(world), at=clock.now())),
        "shipper_meter": str(pipe.shipper_meter),
    }


async def _papers(session: WriteSession, world: World) -> Things:
    owner, at = world.generator.owner, AT + timedelta(days=1)
    command = ReserveNumbers(site_id=world.generator.site.id, count=1)
    (number,), _ = await reserving.reserve_numbers(session, owner, command, at=AT)
    drum = await a_drum(session, world)
    row = await back_entering.draft_paper(session, owner, a_paper(world, drum, late_reason="停电"), at=at)
    await scan_attached(session, world, row.id, at=at)
    return {"reserved": number.number, "paper": str(row.id)}
