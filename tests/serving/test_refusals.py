"""How a refusal is told to programs and to people."""

import logging
from pathlib import Path

import pytest

from tests.support.served import Served, Visitor
from wastetrack.app import make_app
from wastetrack.serving.problems import EVERY_FAMILY
from wastetrack.settings import Settings

NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:9/nothing"


async def test_a_program_is_told_every_broken_rule_in_both_languages(served: Served) -> None:
    program = await served.api_visitor("owner")
    response = await program.send_json("/api/v1/tokens", {"days": 1000, "colour": "red"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"].endswith("/problems/rule-broken")
    assert problem["code"] == "input_invalid"
    told = {rule["field"]: rule for rule in problem["errors"]}
    assert told["name"]["message"] == "This is needed."
    assert told["name"]["message_zh"] == "此项必填。"
    assert told["days"]["message"] == "This must be at most 366."
    assert told["days"]["value"] == 1000
    assert told["colour"]["pointer"] == "#/colour"


async def test_a_rule_of_the_house_says_what_to_do_next(served: Served) -> None:
    program = await served.api_visitor("owner")
    rule = (await program.send_json("/api/v1/tokens", {"name": "  ", "days": 1})).json()["errors"][0]
    assert rule["code"] == "token_name"
    assert rule["next_step"] == "Name the program that will use it."
    assert rule["next_step_zh"] == "请填写使用它的程序名称。"


async def test_text_that_is_not_json_is_malformed(served: Served) -> None:
    program = await served.api_visitor("owner")
    response = await program.post("/api/v1/tokens", content=b"{", headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["code"] == "json_invalid"


async def test_nobody_is_asked_to_sign_in_at_each_door(served: Served) -> None:
    visitor = served.visitor()
    at_api = await visitor.get("/api/v1/me")
    assert (at_api.status_code, at_api.headers["www-authenticate"]) == (401, "Bearer")
    at_page = await visitor.get("/account?lang=en")
    assert (at_page.status_code, at_page.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Flang%3Den")
    in_block = await visitor.get("/account", headers={"HX-Request": "true"})
    assert in_block.headers["hx-redirect"].startswith("/sign-in?next=")


async def test_what_is_not_there_is_told_as_a_page_or_a_problem(served: Served) -> None:
    visitor = served.visitor()
    page = await visitor.get("/nowhere")
    assert page.status_code == 404
    assert "未找到" in page.text
    assert "退出登录" not in page.text
    signed_in = await (await served.page_visitor("owner")).get("/nowhere")
    assert "退出登录" in signed_in.text
    problem = await visitor.get("/api/v1/nowhere")
    assert (problem.status_code, problem.json()["code"]) == (404, "not_found")
    wrong_method = await visitor.get("/api/v1/sign-in")
    assert (wrong_method.status_code, wrong_method.headers["allow"]) == (405, "POST")


async def test_the_page_behind_each_problem_type_exists(served: Served) -> None:
    visitor = served.visitor()
    for family in EVERY_FAMILY:
        response = await visitor.get(f"/problems/{family.slug}?lang=en")
        assert response.status_code == 200
        assert family.title in response.text
    assert (await visitor.get("/problems/unheard-of")).status_code == 404


async def test_a_database_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    app = make_app(Settings(data_dir=tmp_path), database_url=NOWHERE)
    async with app.router.lifespan_context(app):
        visitor = Visitor(app)
        assert (await visitor.get("/health")).status_code == 200
        ready = await visitor.get("/ready")
        assert (ready.status_code, ready.json()["code"]) == (503, "database_away")
        assert ready.headers["retry-after"] == "5"
        page = await visitor.send_form("/sign-in", {"login": "x", "password": "y"}, page="/sign-in")
        assert page.status_code == 503
        assert "暂时无法连接数据库" in page.text
        await visitor.http.aclose()


async def test_a_mistake_of_ours_is_logged_and_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(Settings(data_dir=tmp_path), database_url=NOWHERE)

    @app.get("/api/v1/broken")
    async def broken() -> None:
        msg = "the secret plan"
        raise LookupError(msg)

    async with app.router.lifespan_context(app):
        visitor = Visitor(app)
        with caplog.at_level(logging.ERROR):
            response = await visitor.get("/api/v1/broken")
        await visitor.http.aclose()
    assert response.status_code == 500
    assert response.json()["code"] == "our_mistake"
    assert "secret plan" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "the secret plan" in caplog.text
