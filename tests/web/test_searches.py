"""What persons keep of lists, by page and by program: saved, shown, renamed, deleted, and nobody else's."""

from tests.support.served import Served
from tests.support.trade import API
from tests.support.visible import words

LIST = "/containers"
QUERY = "code=900-249-08&state=at_site"


async def test_filters_are_saved_on_their_page_renamed_and_deleted(served: Served) -> None:
    owner = await served.page_visitor("owner")
    fields = {"page": LIST, "name": " 一号库 ", "query": QUERY}
    saved = await owner.send_form("/searches", fields, page="/searches")
    assert saved.headers["location"] == f"{LIST}?{QUERY}"
    assert "已保存为“一号库”。" in (await owner.get("/searches")).text
    listing = await owner.get("/searches?lang=en")
    assert f'href="{LIST}?code=900-249-08&amp;state=at_site">一号库</a>' in listing.text
    assert "Containers" in words(listing.text)
    program = await served.api_visitor("owner")
    (one,) = [one for one in (await program.get(f"{API}/searches")).json()["items"] if one["name"] == "一号库"]
    assert one["address"] == f"{LIST}?{QUERY}"
    renamed = await owner.send_form(f"/searches/{one['id']}", {"name": "甲类"}, page="/searches")
    assert renamed.status_code == 303
    assert "甲类" in (await owner.get("/searches")).text
    nameless = await owner.send_form(f"/searches/{one['id']}", {"name": " "}, page="/searches")
    assert nameless.status_code == 422
    assert "<title>Error: Saved filters" in nameless.text
    deleted = await owner.send_form(f"/searches/{one['id']}/deletion", {}, page="/searches")
    assert deleted.status_code == 303
    assert "“甲类”已删除。" in (await owner.get("/searches?lang=zh")).text
    assert "您尚未保存筛选" in (await owner.get("/searches")).text


async def test_a_program_saves_too_and_one_name_means_one_search(served: Served) -> None:
    program = await served.api_visitor("filer")
    made = await program.send_json(f"{API}/searches", {"page": LIST, "name": "本周", "query": "q=1"})
    assert made.status_code == 201, made.text
    again = await program.send_json(f"{API}/searches", {"page": LIST, "name": "本周", "query": "q=2"})
    assert again.json() == {**made.json(), "query": "q=2", "address": f"{LIST}?q=2"}
    other = (await program.send_json(f"{API}/searches", {"page": LIST, "name": "上周"})).json()
    taken = await program.send_json(f"{API}/searches/{other['id']}", {"name": "本周"})
    assert taken.status_code == 422
    assert taken.json()["errors"][0]["code"] == "name_taken"
    renamed = await program.send_json(f"{API}/searches/{other['id']}", {"name": "上月"})
    assert renamed.json()["name"] == "上月"
    wrong = await program.send_json(f"{API}/searches", {"page": "https://x.test/", "name": "", "query": ""})
    assert {one["field"] for one in wrong.json()["errors"]} == {"page", "name"}


async def test_nobody_reads_or_touches_what_another_keeps(served: Served) -> None:
    mine = await served.api_visitor("owner")
    made = (await mine.send_json(f"{API}/searches", {"page": LIST, "name": "只有我", "query": "q=9"})).json()
    # Somebody of the same firm is somebody else too.
    for login in ("viewer", "stranger", "inspector"):
        other = await served.api_visitor(login)
        assert "只有我" not in (await other.get(f"{API}/searches")).text
        for path, body in ((f"/searches/{made['id']}", {"name": "x"}), (f"/searches/{made['id']}/deletion", {})):
            assert (await other.send_json(API + path, body)).status_code == 404
    assert (await served.visitor().get(f"{API}/searches")).status_code == 401
    assert (await mine.send_json(f"{API}/searches/{made['id']}/deletion", {})).json()["name"] == "只有我"
    assert (await mine.send_json(f"{API}/searches/{made['id']}/deletion", {})).status_code == 404


async def test_columns_are_chosen_per_list_and_given_back(served: Served) -> None:
    owner, program = await served.page_visitor("owner"), await served.api_visitor("owner")
    asked = f"{API}/searches/columns?page={LIST}"
    assert (await program.get(asked)).json() == {"page": LIST, "columns": None}
    fields = {"page": LIST, "back": f"{LIST}?q=1", "columns": "net"}
    chosen = await owner.send_form("/searches/columns", fields, page="/searches")
    assert chosen.headers["location"] == f"{LIST}?q=1"
    assert (await program.get(asked)).json()["columns"] == ["net"]
    two = await program.send_json(f"{API}/searches/columns", {"page": LIST, "columns": ["net", "waste"]})
    assert two.json()["columns"] == ["net", "waste"]
    odd = await program.send_json(f"{API}/searches/columns", {"page": LIST, "columns": ["net; drop"]})
    assert odd.status_code == 422
    elsewhere = {**fields, "back": "https://elsewhere.test/", "usual": "true"}
    usual = await owner.send_form("/searches/columns", elsewhere, page="/searches")
    assert usual.headers["location"] == "/"
    assert (await program.get(asked)).json()["columns"] is None


async def test_no_list_keeps_more_names_than_one_reads(served: Served) -> None:
    program = await served.api_visitor("driver")
    for number in range(30):
        body = {"page": "/manifests", "name": f"n{number}", "query": ""}
        assert (await program.send_json(f"{API}/searches", body)).status_code == 201
    many = await program.send_json(f"{API}/searches", {"page": "/manifests", "name": "n30", "query": ""})
    assert many.json()["errors"][0]["code"] == "too_many_searches"
    same = await program.send_json(f"{API}/searches", {"page": "/manifests", "name": "n3", "query": "q=1"})
    assert same.status_code == 201
