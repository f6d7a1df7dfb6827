"""The region looks ample in total and is short by a code; the assessment that it comes with says so in one sentence."""

from tests.demo.conftest import Region
from wastetrack.auth.queries import actors_of_login
from wastetrack.auth.sight import look_as
from wastetrack.capacity import queries, reading
from wastetrack.capacity.result import Result, UnmatchedReason, Verdict
from wastetrack.db.session import reading as session_of
from wastetrack.reports.capacity_words import headline

FLY_ASH = "772-002-18"


async def assessed(region: Region, region_code: str = "37") -> Result:
    """The assessment of the province, or of a prefecture."""
    async with session_of(region.engine) as session:
        (approver,) = await actors_of_login(session, "approver", at=region.until)
        await look_as(session, approver)
        (run,) = [one for one in await queries.runs(session, approver) if one.region == region_code]
        _, _, result = await queries.run_of(session, approver, run.id)
    assert result is not None
    return result


async def test_fly_ash_is_short_though_the_total_and_its_class_look_ample(region: Region) -> None:
    result = await assessed(region)
    assert reading.verdict(result) is Verdict.SHORT_BY_CODE
    assert result.totals.effective_g > 3 * (result.totals.supply_g + result.totals.residue_g)
    (short,) = reading.shortages(result)
    assert (short.category.code, short.of_class.code, short.looks_ample) == (FLY_ASH, "HW18", True)
    assert short.why.why is UnmatchedReason.NO_QUANTITY
    # The two plants that burn refuse plan 1,050 t, the permit names 600 t.
    assert round(short.category.unmatched_g / 1_000_000) == 450
    told = headline(result)
    assert told.en.startswith("Capacity looks ample in total: plants can treat ")
    assert "450 t find no plant: 772-002-18 450 t, though the plants for HW18 could treat all of HW18" in told.en
    assert "总量看似充足" in told.zh


async def test_a_prefecture_without_a_plant_counts_on_what_the_province_has_free(region: Region) -> None:
    result = await assessed(region, "3706")
    assert result.question.free_elsewhere
    # Who treats its own waste there, or takes that of one site by an approval, goes by another name than its site's.
    permitted = [one for one in result.plants if ":" not in one.plant]
    assert permitted
    assert not [one for one in permitted if one.region.startswith("3706")]
    assert result.totals.matched_g > 0
    # Of what arises there, nothing but fly ash finds none: the landfill's item is booked by the plans of all.
    assert {one.category.code for one in reading.shortages(result)} <= {FLY_ASH}


async def test_what_is_planned_is_of_the_order_of_what_is_recorded(region: Region) -> None:
    """Who looks at the forecast beside the plans compares like with like, fly ash aside."""
    result = await assessed(region)
    (fly_ash,) = [one for one in result.categories if one.code == FLY_ASH]
    # A tank every twenty days at each of the two: what the ledger knows is most of what was planned.
    assert 0.75 * fly_ash.planned_g < fly_ash.recorded_g <= fly_ash.planned_g
    planned = sum(one.planned_g for one in result.categories if one.code != FLY_ASH)
    assert planned < 5_000 * 10**6
    assert result.totals.effective_g < 20 * planned
