"""The page of the search as people type into it: what was scanned, plates, a wrong digit, too little."""

import re
from urllib.parse import quote

import pytest
from sqlalchemy import text

from tests.support.trade import Trade
from tests.support.visible import words
from wastetrack.db.session import reading
from wastetrack.web.searching import parts_of


async def found(trade: Trade, who: str, typed: str, language: str = "zh") -> str:
    """The page that answers."""
    answer = await (await trade.served.page_visitor(who)).get(f"/search?q={quote(typed)}&lang={language}")
    assert answer.status_code == 200, answer.text[-300:]
    return str(answer.text)


async def test_a_load_is_found_by_all_that_stands_on_it(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    plate = trade.world.plate
    to_drum, to_manifest = f'href="/containers/{drum["id"]}"', f'href="/manifests/{manifest_id}"'
    for typed, link in {
        trade.label_text(drum): to_drum,
        drum["digital_code"]: to_drum,
        drum["digital_code"].lower(): to_drum,
        number: to_manifest,
        f"  {number} ": to_manifest,
        plate: to_manifest,
        plate[1:]: to_manifest,
        plate[1:].lower(): to_manifest,
    }.items():
        assert link in await found(trade, "inspector", typed), typed
        assert link in await found(trade, "owner", typed), typed
        assert link not in await found(trade, "stranger", typed), typed


async def test_a_wrong_digit_leads_to_the_parts_of_which_one_is_right(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    async with reading(trade.served.owner) as session:
        given = set(await session.scalars(text("select number from manifests where number is not null")))
    for place in (0, 5, 9, 13):
        others = (number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :] for step in range(1, 10))
        wrong = next(other for other in others if other not in given)
        page = await found(trade, "inspector", wrong, "en")
        assert "One digit may be wrong." in words(page), wrong
        links = re.findall(r'href="(/search\?q=[^"]+)"><code>', page)
        inspector = await trade.served.page_visitor("inspector")
        told = [(await inspector.get(link + "&kind=manifest")).text for link in links]
        assert any(number in one for one in told), wrong
        assert "可能有一位输入有误" in await found(trade, "inspector", wrong)


@pytest.mark.parametrize(
    ("language", "nothing", "can"), [("zh", "没有包含", "可查找的内容"), ("en", "has “", "What can be")]
)
async def test_where_nothing_is_found_the_page_says_what_can_be(
    trade: Trade, language: str, nothing: str, can: str
) -> None:
    seen = words(await found(trade, "inspector", "无此公司", language))
    assert nothing in seen
    assert can in seen
    assert ("车辆" if language == "zh" else "Vehicle") in seen
    assert "One digit" not in seen
    assert "可能有一位" not in seen, "Chinese words are no number"


async def test_too_little_is_told_and_nothing_is_asked_of_an_empty_field(trade: Trade) -> None:
    for typed in ("鲁", "F", "1", "％"):
        assert "内容太短" in await found(trade, "owner", typed), typed
    for typed in ("", "   "):
        seen = await found(trade, "owner", typed)
        assert 'class="empty"' not in seen, typed
        assert "至少两个汉字" in seen


async def test_words_of_either_language_find_firms_and_wastes(trade: Trade) -> None:
    async with reading(trade.served.owner) as session:
        statement = text("select name from organisations where id = :id")
        name = str(await session.scalar(statement, {"id": trade.world.generator.id}))
    assert f"/oversight/companies/{trade.world.generator.id}" in await found(trade, "inspector", name), name
    assert name[:4] in await found(trade, "inspector", name[:4])
    assert "/codes/900-249-08" in await found(trade, "owner", "矿物油 900-249-08")


def test_only_a_long_number_has_parts() -> None:
    assert parts_of("2026 3706 000033") == ("2026370", "6000033")
    assert parts_of("鲁F12345678") == ()
    assert parts_of("F12345") == ()
