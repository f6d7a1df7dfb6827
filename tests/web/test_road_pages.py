"""The page and the API of distances by road: taken, filled in, uploaded, read again; closed to firms."""

import re
from typing import Any

import pytest

from tests.support.trade import Trade
from wastetrack.ids import new_id

API = "/api/v1/capacity/roads"


async def sent(trade: Trade, who: str, content: bytes, **fields: str) -> Any:  # noqa: ANN401  httpx's own
    """The form with a file."""
    visitor = await trade.served.page_visitor(who)
    token = await visitor.token_on("/capacity/roads")
    data = {"csrf_token": token, "request_id": str(new_id()), "reason": "交通局", **fields}
    return await visitor.post("/capacity/roads", data=data, files={"file": ("roads.csv", content, "text/csv")})


async def test_the_file_of_the_page_comes_back_filled_in(trade: Trade) -> None:
    inspector = await trade.served.page_visitor("inspector")
    plant = trade.world.receiver.site.id
    given = await inspector.get("/capacity/roads/roads.csv")
    assert given.status_code == 200
    lines = given.content.decode("utf-8-sig").splitlines()
    (zhifu,) = [line for line in lines if line.startswith('"370602"') and str(plant) in line]
    assert "芝罘区" in zhifu
    filled = re.sub(r'^("370602","[^"]+"),[^,]*,', r"\1,18.5,", zhifu)
    # The matrix is the whole region's: what another test uploaded stands in its lines.
    unknown = [line for line in lines[1:] if line != zhifu and re.match(r'"[^"]+","[^"]+",,', line)][:3]
    assert unknown
    uploaded = await sent(trade, "inspector", "\r\n".join([lines[0], filled, *unknown]).encode("utf-8-sig"))
    assert (uploaded.status_code, uploaded.headers.get("location")) == (303, "/capacity/roads"), uploaded.text[-900:]
    for language, words in (("zh", "共 1 条里程"), ("en", "1 distances, uploaded")):
        assert words in (await inspector.get(f"/capacity/roads?lang={language}")).text
    assert '",18.5,"' in (await inspector.get("/capacity/roads/roads.csv")).text
    program = await trade.served.api_visitor("inspector")
    (known,) = (await program.get(API)).json()["items"]
    assert known == {"origin": "370602", "site_id": str(plant), "km": 18.5}


@pytest.mark.parametrize(
    ("content", "told"), [(b"a,b\r\n1,2\r\n", "from、to、km"), (b"from,to,km\r\n1,2,3\r\n", "第 2 行")]
)
async def test_a_file_that_cannot_be_read_is_told_at_the_form(trade: Trade, content: bytes, told: str) -> None:
    refused = await sent(trade, "inspector", content)
    assert refused.status_code == 422
    assert told in refused.text
    assert 'value="交通局"' in refused.text


async def test_a_program_uploads_and_firms_are_refused(trade: Trade) -> None:
    plant = trade.world.receiver.site.id
    body = {"reason": "路网", "lines": [{"origin": "370613", "site_id": str(plant), "km": 7.0}]}
    program = await trade.served.api_visitor("inspector")
    made = await program.send_json(API, body)
    assert (made.status_code, made.json()["items"][0]["km"]) == (200, 7.0)
    wrong = {"reason": "", "lines": [{"origin": "320102", "site_id": str(plant), "km": 7.0}]}
    refused = await program.send_json(API, wrong)
    assert [one["code"] for one in refused.json()["errors"]] == ["reason_missing", "road_from_unknown"]
    for who, status in (("regulator", 403), ("receiver", 403)):
        other = await trade.served.api_visitor(who)
        assert (await other.send_json(API, body)).status_code == status
    firm = await trade.served.page_visitor("receiver")
    for path in ("/capacity/roads", "/capacity/roads/roads.csv"):
        assert (await firm.get(path)).status_code == 403
    assert (await (await trade.served.page_visitor("regulator")).get("/capacity/roads")).status_code == 200
