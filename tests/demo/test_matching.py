"""The region looks ample in total and is short by a code; the assessment that it comes with says so in one sentence."""

from tests.demo.conftest import Region
from wastetrack.auth.queries import actors_of_login
from wastetrack.auth.sight import look_as
from wastetrack.capacity import queries, reading
from wastetrack.capacity.result import Result, UnmatchedReason, Verdict
from wastetrack.db.session import reading as session_of
from wastetrack.reports.capacity_words import headline

FLY_ASH = "772-002-18"


async def assessed(region: Region) -> Result:
    """The province's assessment."""
    async with session_of(region.engine) as session:
        (approver,) = await actors_of_login(session, "approver", at=region.until)
        await look_as(session, approver)
        (run,) = await queries.runs(session, approver)
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
    # The two plants that burn refuse plan 10,500 t, the permit names 6,000 t.
    assert round(short.category.unmatched_g / 1_000_000) == 4_500
    told = headline(result)
    assert told.en.startswith("Capacity looks ample in total: plants can treat ")
    assert "4,500 t find no plant: 772-002-18 4,500 t, though the plants for HW18 could treat all of HW18" in told.en
    assert "总量看似充足" in told.zh
