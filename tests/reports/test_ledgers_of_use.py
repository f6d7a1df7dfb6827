"""Batch codes tell use from disposal, at home (B.4) and by others (B.5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.reports.conftest import SIGNER
from tests.support.acts import SignAct
from tests.support.facilities import facility_added
from tests.support.world import AT, TODAY, World, a_drum, plan_for
from wastetrack.containers.batch_rules import BatchBasis, BatchPlan
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.manifests import filing, transporting
from wastetrack.parties.facilities import FacilityKind
from wastetrack.reports.ledgers.gathering import lines_of
from wastetrack.reports.ledgers.model import LedgerKind, Period
from wastetrack.transparency.publishing import publish

DAY = Period(since=TODAY, until=TODAY)
LATER = AT + timedelta(hours=2)


@pytest.mark.parametrize(
    ("method", "facility", "code"),
    [("R9", FacilityKind.USE, "HWZXLY20260302001"), ("D10", FacilityKind.DISPOSAL, "HWZXCZ20260302001")],
)
async def test_own_use_and_own_disposal_have_codes_of_their_own(
    town_session: WriteSession, world: World, method: str, facility: FacilityKind, code: str
) -> None:
    owner, site = world.generator.owner, world.generator.site.id
    drum, still = (
        await a_drum(town_session, world),
        await facility_added(town_session, owner, site, facility, code="TS0901"),
    )
    own = BatchPlan(basis=BatchBasis.OWN, facility_id=still.id)
    command = Treat(site_id=site, container_ids=(drum.id,), method=method, treated_on=TODAY, plan=own)
    await treat(town_session, owner, command, at=LATER)
    await publish(town_session, SIGNER, at=LATER)
    (line,) = await lines_of(town_session, site, LedgerKind.TREATED, DAY)
    assert (line.batch, line.method, line.facility_code, line.mass.grams) == (code, method, still.code, 180_000)


@pytest.mark.parametrize(("method", "code"), [("R9", "HWWWLY20260302001"), ("D10", "HWWWCZ20260302001")])
async def test_what_others_use_and_what_they_dispose_of_have_codes_of_their_own(
    town_session: WriteSession, world: World, method: str, code: str
) -> None:
    owner, drum = world.generator.owner, await a_drum(town_session, world)
    row = await filing.draft_manifest(town_session, owner, replace(plan_for(world, [drum]), method=method), at=AT)
    act = SignAct(manifest_id=row.id)
    await filing.file_manifest(town_session, owner, act, at=AT)
    await transporting.pick_up(town_session, world.carrier.owner, act, at=AT + timedelta(hours=1))
    await publish(town_session, SIGNER, at=LATER)
    (line,) = await lines_of(town_session, world.generator.site.id, LedgerKind.CONTRACTED_OUT, DAY)
    assert (line.batch, line.method, line.mass.grams) == (code, method, 180_000)
