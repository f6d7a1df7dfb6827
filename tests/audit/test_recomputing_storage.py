"""Recomputation knows counts, re-coded waste and opening stock: clean when true, naming the drum when not."""

from datetime import date, timedelta

from sqlalchemy import text

from tests.audit.eventful import SIGNER
from tests.support.storage import CUTTING_FLUID, labelled, old_drum
from tests.support.world import AT, OIL, World, a_drum
from wastetrack.containers.counting import begin_stock_take, count_container, finish_stock_take
from wastetrack.containers.model import Description, Form
from wastetrack.containers.opening_stock import open_stock
from wastetrack.containers.recoding import Recode, recode
from wastetrack.containers.stock_takes import BeginStockTake, CountContainer, EndStockTake
from wastetrack.db.session import WriteSession
from wastetrack.mass import Mass
from wastetrack.reports.auditing.findings import Fault
from wastetrack.reports.auditing.running import recompute

LATER = AT + timedelta(hours=2)


async def test_storage_recomputes_and_a_lost_drum_put_back_by_hand_is_named(
    town_session: WriteSession, world: World
) -> None:
    owner, site_id = world.generator.owner, world.generator.site.id
    light, gone = await a_drum(town_session, world), await a_drum(town_session, world)
    await open_stock(town_session, owner, old_drum(world, date(2021, 3, 4)), at=AT)
    take, _ = await begin_stock_take(town_session, owner, BeginStockTake(site_id=site_id), at=AT)
    seen = CountContainer(stock_take_id=take.id, digital_code=light.digital_code, gross=Mass.parse("190 kg"))
    await count_container(town_session, owner, seen, at=LATER)
    await finish_stock_take(town_session, owner, EndStockTake(stock_take_id=take.id), at=LATER)
    wrong = await labelled(town_session, world, code=CUTTING_FLUID)
    really = Description(waste_code=OIL, waste_name="废矿物油", form=Form.LIQUID, hazards=("T", "I"))
    await recode(town_session, owner, Recode(container_id=wrong.id, description=really, reason="鉴别"), at=LATER)
    report = await recompute(town_session, SIGNER.verifier)
    mine = {Fault.CONTAINER_DIFFERS, Fault.ENTRY_DIFFERS, Fault.LEAF_WITHOUT_ENTRY, Fault.MEASUREMENT_DIFFERS}
    assert [finding.sentence() for finding in report.findings if finding.fault in mine] == []
    assert report.containers == 5
    statement = text("update containers set state = 'at_site', site_id = :site where id = :id")
    await town_session.execute(statement, {"site": site_id, "id": gone.id})
    report = await recompute(town_session, SIGNER.verifier)
    named = [finding.row for finding in report.findings if finding.fault is Fault.CONTAINER_DIFFERS]
    assert named
    assert all(gone.digital_code in row for row in named)
