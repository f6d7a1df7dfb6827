"""The notice that guides investment: what it says in both languages, how it is drawn, who may have it."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from tests.support.capacity import ASH, made_run, result
from tests.support.served import Served
from tests.support.trade import API, Trade
from wastetrack.capacity.evaluating import Operation, PlantOperation, ordered
from wastetrack.capacity.forecast import CategoryForecast, ForecastMethod, RegionForecast, TrialOf
from wastetrack.capacity.licensing import Licence, LicensedLine
from wastetrack.capacity.projects import PlannedProject, ProjectItem, ProjectKind, ProjectState
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.notices.laying_out import notice_pdf
from wastetrack.reports.notices.model import Bars, Curve, Notice, Paragraph
from wastetrack.reports.notices.pictures import number
from wastetrack.reports.notices.words import share_text, tonnes
from wastetrack.reports.notices.writing import Material, notice_of
from wastetrack.reports.tabular import Sheet

AT = datetime(2026, 11, 26, 2, tzinfo=UTC)
T = 1_000_000


def a_plant(firm: str, treated_t: int, licensed_t: int, **more: Any) -> PlantOperation:  # noqa: ANN401  any field of it
    lines = (LicensedLine("HW08", ("D10",), Mass(licensed_t * T)),)
    licence = Licence(lines=lines, valid_from=date(2024, 1, 1), valid_to=date(2028, 1, 1))
    return PlantOperation(
        site_id=new_id(),
        site="厂区",
        firm_id=new_id(),
        firm=firm,
        region_code="370613",
        since=date(2025, 11, 27),
        until=date(2026, 11, 26),
        licences=(licence,),
        treated=Mass(treated_t * T),
        treated_by=(("D10", Mass(treated_t * T)),),
        **more,
    )


PLANTS = ordered(
    [
        a_plant("烟台某焚烧有限公司", 9_300, 10_000, hard_to_treat=(("900-041-49", Mass(42 * T)),)),
        a_plant("潍坊利用厂", 150, 4_000),
    ]
)
PROJECT = PlannedProject(
    id=new_id(),
    organisation_id=new_id(),
    authority="山东省生态环境厅",
    kind=ProjectKind.HAZARDOUS_DISPOSAL,
    state=ProjectState.BUILDING,
    name="莱山飞灰填埋场",
    builder="烟台某环保有限公司",
    region_code="370613",
    longitude=Decimal("121.4"),
    latitude=Decimal("37.5"),
    starts_on=date(2027, 4, 1),
    document="",
    remarks="",
    version=1,
    created_at=AT,
    changed_at=AT,
    items=(ProjectItem(pattern=ASH, methods=("D1",), yearly=Mass(30_000 * T)),),
)
FORECAST = RegionForecast(
    region="37",
    region_name="山东省",
    first_month=date(2024, 1, 1),
    known_until=date(2026, 10, 31),
    ahead=12,
    categories=(
        CategoryForecast(
            code=ASH,
            known_g=(1_700 * T,) * 34,
            method=ForecastMethod.SMOOTHING,
            low_g=(1_500 * T,) * 12,
            middle_g=(1_800 * T,) * 12,
            high_g=(2_000 * T,) * 12,
            year_g=(20_000 * T, 21_600 * T, 23_000 * T),
            months_tried=3,
            trials=(
                TrialOf(method=ForecastMethod.SEASONAL_NAIVE, mase=(1.0, 1.0, 1.0), pinball_g=(1, 1, 1), covered=0.7),
                TrialOf(method=ForecastMethod.SMOOTHING, mase=(0.7, 0.7, 0.7), pinball_g=(1, 1, 1), covered=0.8),
            ),
            regions={},
        ),
    ),
)
MATERIAL = Material(
    result=result(AT),
    operation=Operation(since=date(2025, 11, 27), until=date(2026, 11, 26), plants=PLANTS),
    projects=(PROJECT,),
    forecast=FORECAST,
    authority="山东省生态环境厅",
    category_names={"HW18": "焚烧处置残渣", "HW49": "其他废物"},
    method_names={"D10": Words("焚烧", "incineration")},
    printed_at=AT,
    zone="Asia/Shanghai",
)


def said_in(notice: Notice, locale: Any) -> str:  # noqa: ANN401  zh or en
    """Every paragraph."""
    return "\n".join(
        block.text.of(locale) for section in notice.sections for block in section.blocks if isinstance(block, Paragraph)
    )


def read(content: bytes) -> str:
    """The text of the PDF without the breaks of lines."""
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).replace("\n", "")


def test_the_notice_says_that_the_total_looks_ample_and_the_code_is_short() -> None:
    """By hand: 21,105 t of HW18 against 26,000 t of capacity, and 15,000 t of fly ash find no plant."""
    notice = notice_of(MATERIAL)
    zh, en = said_in(notice, "zh"), said_in(notice, "en")
    assert "产生量为21,500吨" in zh
    assert "能力总量看似充足" in zh
    assert "772-002-18 15,000 吨" in zh
    assert "Capacity looks ample in total" in en
    assert "772-002-18 (HW18): 15,000 t a year find no plant. Planned projects name it for 30,000 t a year." in en
    assert "谨慎投资：HW49 其他废物（能力10,000吨，需求500吨）" in zh
    assert "a load of 67.5 %" in en  # 9,450 of 14,000 t
    assert "1 tight, 1 idle" in en or "1 idle, 1 tight" in en
    assert "主要为900-041-49 42吨" in zh
    assert "21,600 t are expected in the next twelve months, after 20,400 t" in en
    assert "1 of 1 codes could be tried" in en
    assert [section.title.en for section in notice.sections] == [
        "What arises",
        "Capacity for use and disposal",
        "How plants run",
        "Whether capacity matches what arises",
        "Planned projects",
        "What is expected",
        "Advice to investors",
        "How it was found, and what to beware of",
    ]


def test_every_section_has_its_figures() -> None:
    """Bars, tables and a curve, whose numbers are those of the result."""
    blocks = [block for section in notice_of(MATERIAL).sections for block in section.blocks]
    (curve,) = [one for one in blocks if isinstance(one, Curve)]
    assert len(curve.months) == 24 + 12
    assert (curve.months[0], curve.months[23], curve.months[-1]) == ("2024-11", "2026-10", "2027-10")
    assert (curve.known[-1], curve.middle[0]) == (1_700.0, 1_800.0)
    need = next(one for one in blocks if isinstance(one, Bars) and one.alarm is not None)
    assert need.rows[0] == (Words("HW18 焚烧处置残渣", "HW18"), (21_105.0, 26_000.0, 15_000.0))
    assert need.rows[1][1][2] is None
    tables = {one.title.en: one for one in blocks if isinstance(one, Sheet)}
    assert tables["Codes that are short"].rows[0][:4] == (
        ASH,
        Words("HW18 焚烧处置残渣", "HW18"),
        "21,000",
        "15,000",
    )
    assert len(tables["Regions: what arises, stays, goes and comes"].rows) == 3


@pytest.mark.parametrize(("locale", "title"), [("zh", "建设投资引导性公告"), ("en", "notice to guide investment")])
def test_the_pdf_can_be_read_in_both_languages(locale: Any, title: str) -> None:  # noqa: ANN401
    content = notice_pdf(notice_of(MATERIAL), locale)
    text = read(content)
    assert title in text
    assert "15,000" in text
    assert content == notice_pdf(notice_of(MATERIAL), locale)
    assert 3 <= len(pypdf.PdfReader(io.BytesIO(content)).pages) <= 5
    # Nothing that the font lacks.
    assert "□" not in text


def test_a_region_without_plants_projects_or_forecast_has_a_notice_too() -> None:
    bare = replace(
        MATERIAL, projects=(), forecast=None, operation=replace(MATERIAL.operation, plants=()), category_names={}
    )
    notice = notice_of(bare)
    en = said_in(notice, "en")
    assert "No plant of the region is in the register." in en
    assert "The register has no project that is still to come." in en
    assert "No planned project names it." in en
    assert len(notice.sections) == 7
    assert notice_pdf(notice, "zh").startswith(b"%PDF")


def test_a_long_table_goes_on_under_its_heading() -> None:
    many = replace(MATERIAL, projects=(PROJECT,) * 60)
    text = read(notice_pdf(notice_of(many), "en"))
    assert text.count("Expectedfrom") >= 2  # the heading is wrapped


def test_numbers_are_told_as_readers_take_them_in() -> None:
    assert [number(one) for one in (12_345.6, 500.0, 12.34, 3.75, 0.0)] == ["12,346", "500", "12.3", "3.75", "0"]
    assert (tonnes(0), tonnes(12_345_678), tonnes(1_234_567)) == ("0", "12", "1.234")
    assert (share_text(1, 3), share_text(1, 0)) == ("33.3%", "—")
    with pytest.raises(ValueError, match="2 bars under 1 names"):
        Bars(Words("", ""), "t", (Words("", ""),), ((Words("", ""), (1.0, 2.0)),))


async def test_an_authority_takes_its_notice_and_nobody_else_does(served: Served, trade: Trade) -> None:
    province = replace(trade.world.inspector, viewer="r:3706")
    told = result(AT)
    own = told.model_copy(update={"question": told.question.model_copy(update={"region": "3706"})})
    async with writing(served.owner) as session:
        run_id = made_run(session, province, own, at=AT)
    officer = await served.page_visitor("inspector")
    for locale, words in (("zh", "引导性公告"), ("en", "guide investment")):
        answered = await officer.get(f"/capacity/{run_id}/notice.pdf?lang={locale}")
        assert answered.status_code == 200, answered.text[:300]
        assert answered.headers["content-type"] == "application/pdf"
        assert words in read(answered.content)
    inspector = await trade.inspector()
    path = f"{API}/capacity/runs/{run_id}/notice.pdf"
    assert "guide investment" in read((await inspector.get(f"{path}?lang=en")).content)
    assert (await inspector.get(f"{API}/capacity/runs/{new_id()}/notice.pdf")).status_code == 404
    assert (await (await trade.stranger()).get(path)).status_code == 403
    assert (await (await trade.nobody()).get(path)).status_code == 401
    assert f"/capacity/{run_id}/notice.pdf" in (await officer.get(f"/capacity/{run_id}")).text
