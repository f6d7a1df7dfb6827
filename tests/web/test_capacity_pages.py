"""Pages of matching, in both languages: asked, waited for, shown, side by side, taken away, and closed to firms."""

import io
import re
from typing import Any
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from tests.support.capacity import ASH, INCINERATOR, LANDFILL, YEAR, made_run, result
from tests.support.statements import counted
from tests.support.trade import Trade
from wastetrack import clock
from wastetrack.capacity.result import ScenarioKind
from wastetrack.db.session import Sight, writing
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings


async def kept(trade: Trade, *, region: str = "3706", **changed: Any) -> UUID:  # noqa: ANN401  the fields of a dataclass
    """A made assessment of the prefecture."""
    told = result(clock.now(), **changed)
    told = told.model_copy(update={"question": told.question.model_copy(update={"region": region})})
    async with writing(trade.served.owner) as session:
        return made_run(session, trade.world.inspector, told, at=clock.now())


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_result_says_in_its_first_sentence_what_is_short(trade: Trade, language: str) -> None:
    run_id = await kept(trade)
    inspector = await trade.served.page_visitor("inspector")
    told = await inspector.get(f"/capacity/{run_id}?lang={language}")
    assert told.status_code == 200, told.text[-500:]
    sentence = {
        "zh": "能力总量看似充足：有效能力 36,000 吨，待利用处置 21,605 吨；但仍有 15,000 吨无处可去：772-002-18",
        "en": "Capacity looks ample in total: plants can treat 36,000 t, 21,605 t want treatment. Yet 15,000 t find no",
    }
    assert sentence[language] in told.text
    for picture in ("class-chart", "matching-map", "heat-chart", "stream-chart", "month-chart"):
        assert f'id="{picture}"' in told.text
    assert f"/codes/{ASH}" in told.text


async def test_a_page_asks_for_its_assessment_once(trade: Trade) -> None:
    run_id = await kept(trade)
    inspector = await trade.served.page_visitor("inspector")
    await inspector.get(f"/capacity/{run_id}")
    with counted(trade.app.state.engine) as statements:
        await inspector.get(f"/capacity/{run_id}")
    assert sum("capacity_runs" in one for one in statements) == 1


async def test_an_assessment_is_asked_for_waited_for_and_seen(trade: Trade) -> None:
    inspector = await trade.served.page_visitor("inspector")
    fields = {"region": "3706", "year": str(YEAR), "ground": "plan", "scenario": "as_it_is", "from_month": "1"}
    fields |= {"factor": "1.0", "reach_km": "", "title": "烟台市 2026"}
    sent = await inspector.send_form("/capacity/new", fields, page="/capacity/new")
    assert sent.status_code == 303, sent.text[-800:]
    address = sent.headers["location"]
    waiting = await inspector.get(f"{address}?lang=zh")
    assert "查看进度" in waiting.text
    task = re.search(r"/tasks/([0-9a-f-]{36})", waiting.text)
    assert task is not None
    actor = trade.world.inspector
    person = await _person(trade, UUID(task.group(1)))
    sight = Sight(actor.viewer, actor.organisation_id, person)
    assert await perform(trade.app.state.engine, Settings(), HANDLERS, sight, UUID(task.group(1)))
    assert "能力缺口" in (await inspector.get(address)).text
    assert "烟台市 2026" in (await inspector.get("/capacity")).text


async def _person(trade: Trade, task_id: UUID) -> UUID:
    async with writing(trade.served.owner) as session:
        driver = await session.driver()
        (row,) = await driver.fetch("select person_id from long_tasks where id = $1", task_id)
        return UUID(str(row["person_id"]))


async def test_a_question_that_means_nothing_comes_back_filled(trade: Trade) -> None:
    inspector = await trade.served.page_visitor("inspector")
    fields = {"region": "3706", "year": "1999", "ground": "plan", "scenario": "outage", "from_month": "13"}
    sent = await inspector.send_form("/capacity/new?lang=en", fields, page="/capacity/new")
    assert sent.status_code == 422
    for told in (
        "1999 is no year to be assessed.",
        "13 is no month.",
        "Choose the plants that stop, retire or are new.",
    ):
        assert told in sent.text
    assert 'value="1999"' in sent.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_scenarios_stand_side_by_side(trade: Trade, language: str) -> None:
    one = await kept(trade)
    other = await kept(trade, scenario=ScenarioKind.RETIREMENT, plants=(str(INCINERATOR.id),))
    inspector = await trade.served.page_visitor("inspector")
    told = await inspector.get(f"/capacity/compare?run={one}&run={other}&lang={language}")
    assert told.status_code == 200, told.text[-500:]
    assert "900-041-49" in told.text
    assert ASH not in re.sub(r"<dd>.*?</dd>", "", told.text, flags=re.DOTALL)  # it is as short in either
    alone = await inspector.get(f"/capacity/compare?run={one}&lang={language}")
    assert alone.status_code == 200
    assert "<table" not in alone.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_another_quantity_of_a_permit_item_stands_beside_what_is_so(trade: Trade, language: str) -> None:
    one = await kept(trade)
    supposed: dict[str, Any] = {"item": ASH, "item_methods": ("D1",), "quantity_g": 20_000 * 10**6}
    other = await kept(trade, scenario=ScenarioKind.OTHER_QUANTITY, plants=(str(LANDFILL.id),), **supposed)
    inspector = await trade.served.page_visitor("inspector")
    told = await inspector.get(f"/capacity/compare?run={one}&run={other}&lang={language}")
    assert told.status_code == 200, told.text[-500:]
    heading, scenario = {
        "zh": ("数量不同的许可项", "许可项 772-002-18 D1 年许可 20,000 吨"),
        "en": ("Permit items whose quantity differs", "the permit item 772-002-18 D1 allows 20,000 t a year"),
    }[language]
    assert heading in told.text
    assert scenario in told.text
    row = told.text[told.text.index(heading) :]
    cells = re.findall(r'<td[^>]*class="number"[^>]*>(.*?)</td>', row[: row.index("</table>")], re.DOTALL)
    between = {"zh": "/", "en": "of"}[language]
    assert [re.sub(r"<[^>]+>|\s+", " ", one).split() for one in cells] == [
        ["6,000", "t", between, "6,000", "t"],
        ["20,000", "t", between, "20,000", "t"],
    ]
    alone = await inspector.get(f"/capacity/compare?run={one}&run={one}&lang={language}")
    assert heading not in alone.text


async def test_the_form_asks_for_an_item_and_its_quantity(trade: Trade) -> None:
    inspector = await trade.served.page_visitor("inspector")
    plant = str(trade.world.receiver.site.id)
    fields = {"region": "3706", "year": str(YEAR), "ground": "plan", "scenario": "other_quantity", "from_month": "1"}
    fields |= {"factor": "1.0", "plants": plant, "item": "HW49", "quantity": "12,5x"}
    sent = await inspector.send_form("/capacity/new?lang=en", fields, page="/capacity/new")
    assert sent.status_code == 422
    sent = await inspector.send_form("/capacity/new?lang=en", {**fields, "quantity": "30"}, page="/capacity/new")
    assert sent.status_code == 422
    assert "No permit of this plant names HW49 in that year." in sent.text
    assert "Write one of the permit items of this plant: 336-064-17 D10; HW08 D10 R9" in sent.text
    right = {**fields, "item": "HW08", "quantity": "30"}
    sent = await inspector.send_form("/capacity/new", right, page="/capacity/new")
    assert sent.status_code == 303, sent.text[-800:]
    api = await trade.served.api_visitor("inspector")
    asked = {"year": YEAR, "scenario": "other_quantity", "plants": [plant], "item": "HW08", "quantity_g": 30_000_000}
    made = await api.send_json("/api/v1/capacity/runs", asked)
    assert made.status_code == 202, made.text
    question = (await api.get(f"/api/v1/capacity/runs/{made.json()['id']}")).json()["question"]
    assert (question["item"], question["item_methods"], question["quantity_g"]) == ("HW08", ["D10", "R9"], 30_000_000)


async def test_the_workbook_is_taken_away(trade: Trade) -> None:
    run_id = await kept(trade)
    inspector = await trade.served.page_visitor("inspector")
    told = await inspector.get(f"/capacity/{run_id}/matching.xlsx?lang=en")
    book = CalamineWorkbook.from_filelike(io.BytesIO(told.content))
    assert "Code by region" in book.sheet_names


async def test_firms_other_authorities_and_strangers_are_not_let_in(trade: Trade) -> None:
    run_id = await kept(trade, region="3707")
    inspector = await trade.served.page_visitor("inspector")
    for path in (f"/capacity/{run_id}", f"/capacity/{run_id}/matching.xlsx"):
        assert (await inspector.get(path)).status_code == 404
    for who in ("owner", "stranger", "driver", "operator"):
        visitor = await trade.served.page_visitor(who)
        for path in ("/capacity", "/capacity/new", f"/capacity/{run_id}", f"/capacity/compare?run={run_id}"):
            assert (await visitor.get(path)).status_code == 403, (who, path)
    looking = await trade.served.page_visitor("regulator")
    assert (await looking.get("/capacity")).status_code == 200
    fields = {"region": "3706", "year": str(YEAR), "ground": "plan", "scenario": "as_it_is"}
    assert (await looking.send_form("/capacity/new", fields, page="/capacity/new")).status_code == 403


async def test_the_api_says_the_same(trade: Trade) -> None:
    run_id = await kept(trade)
    inspector = await trade.served.api_visitor("inspector")
    told = (await inspector.get(f"/api/v1/capacity/runs/{run_id}")).json()
    assert (told["verdict"], told["run"]["unmatched_g"]) == ("short_by_code", 15_000_000_000)
    assert told["headline"].startswith("Capacity looks ample in total")
    assert told["result"]["categories"][0]["code"] == ASH
    listed = (await inspector.get("/api/v1/capacity/runs")).json()
    assert str(run_id) in {one["id"] for one in listed["items"]}
    asked = await inspector.send_json("/api/v1/capacity/runs", {"year": YEAR, "scenario": "more_supply", "factor": 1.5})
    assert asked.status_code == 202, asked.text
    assert asked.json()["made_at"] is None
    waiting = (await inspector.get(f"/api/v1/capacity/runs/{asked.json()['id']}")).json()
    assert (waiting["question"]["factor"], waiting["result"], waiting["verdict"]) == (1.5, None, None)
    none_yet = await inspector.get(f"/api/v1/capacity/runs/{asked.json()['id']}/matching.xlsx")
    assert none_yet.status_code == 404
    assert (await inspector.get(f"/api/v1/capacity/runs/{run_id}/matching.xlsx")).content[:2] == b"PK"
    refused = await inspector.send_json("/api/v1/capacity/runs", {"year": 1999})
    assert refused.status_code == 422
    owner = await trade.served.api_visitor("owner")
    assert (await owner.get("/api/v1/capacity/runs")).status_code == 403
