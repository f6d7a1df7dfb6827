"""Erasure through the API and from the command line."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.test_main import assert_refused, run
from tests.support.databases import Cluster
from tests.support.served import PASSWORD, Served, Visitor, served_on
from tests.support.trade import API, Trade, asked, sent
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.privacy.model import RecordKind


async def hired(served: Served, login: str) -> Visitor:
    """Somebody new at the generator, signed in."""
    async with writing(served.app.state.engine) as session:
        command = Enrol(
            login=login,
            name="钱多多",
            password=PASSWORD,
            organisation_id=served.places["generator"],
            role=Role.FILER,
        )
        await install(session, command, at=clock.now())
    visitor = served.visitor()
    assert (await visitor.sign_in_at_api(login)).status_code == 201
    return visitor


async def test_a_person_asks_and_the_operator_erases(trade: Trade) -> None:
    person = await hired(trade.served, "qian@example.test")
    operator = await trade.served.api_visitor("operator")
    request = await sent(person, "/me/erasure", {}, expect=201)
    assert (await sent(person, "/me/erasure", {}, expect=201))["id"] == request["id"]
    (waiting,) = (await asked(operator, "/erasure-requests"))["items"]
    assert (waiting["id"], waiting["login"], waiting["name"]) == (request["id"], "qian@example.test", "钱多多")
    path = f"/people/{waiting['person_id']}/erasure"
    for login in ("owner", "inspector"):
        visitor = await trade.served.api_visitor(login)
        assert (await sent(visitor, path, {"reason": "x"}, expect=403))["code"] == "may_not_erase_persons"
        await asked(visitor, "/erasure-requests", expect=403)
    assert (await (await trade.nobody()).send_json(API + path, {"reason": "x"})).status_code == 401
    assert (await sent(operator, path, {"reason": " "}, expect=422))["errors"][0]["field"] == "reason"
    done = await sent(operator, path, {"reason": "本人申请"})
    assert (done["events"], done["drivers"]) == (0, 0)
    assert done["log"]["receipt"]
    assert (await asked(operator, "/erasure-requests"))["items"] == []
    assert (await person.get(f"{API}/me")).status_code == 401
    again = trade.served.visitor()
    assert (await again.sign_in_at_api("qian@example.test")).status_code == 401


async def test_what_the_law_keeps_is_told_with_its_article_and_day(trade: Trade) -> None:
    person = await hired(trade.served, "kept@example.test")
    await sent(person, "/containers", trade.drum(), expect=201)
    me = await asked(person, "/me")
    operator = await trade.served.api_visitor("operator")
    problem = await sent(operator, f"/people/{me['person_id']}/erasure", {"reason": "本人申请"}, expect=422)
    (rule,) = problem["errors"]
    assert (rule["code"], rule["article"]) == ("still_kept", "HJ 1259-2022 6.4")
    assert "台账" in rule["message_zh"]
    assert (await asked(person, "/me"))["person_id"] == me["person_id"]


@pytest.fixture
async def deployed(
    cluster: Cluster, town: tuple[World, Address], tmp_path: Path
) -> AsyncIterator[tuple[Address, Served]]:
    """A deployment of its own, for the command line."""
    address = cluster.clone(town[1].database)
    async with served_on(address.url, town[0], tmp_path) as served:
        yield address, served
    cluster.drop(address)


async def test_the_command_line_erases_with_the_operator_s_token(deployed: tuple[Address, Served]) -> None:
    address, served = deployed
    trade = Trade(served)
    person = await hired(served, "qian@example.test")
    await sent(person, "/containers", trade.drum(), expect=201)
    await sent(person, "/me/erasure", {}, expect=201)
    token = (await sent(await served.api_visitor("operator"), "/tokens", {"name": "console", "days": 1}, expect=201))[
        "secret"
    ]
    erase = ("erase", "qian@example.test", "--reason", "本人申请", "--token", token)
    free = f'{{"{RecordKind.LEDGER}": 0}}'
    listed = await asyncio.to_thread(run, "privacy", "requests", database_url=address.dsn)
    assert "qian@example.test" in listed.stdout
    held = await asyncio.to_thread(run, "privacy", "held", "qian@example.test", database_url=address.dsn)
    assert "ledger: 1, kept until" in held.stdout
    kept = await asyncio.to_thread(run, "privacy", *erase, database_url=address.dsn)
    assert_refused(kept, 3, "must be kept until")
    stolen = (*erase[:-1], "wt_nobody's")
    assert_refused(await asyncio.to_thread(run, "privacy", *stolen, database_url=address.dsn), 6, "sign-in has ended")
    done = await asyncio.to_thread(run, "privacy", *erase, database_url=address.dsn, retention_years=free)
    assert done.returncode == 0, done.stderr
    assert "1 events" in done.stdout
    gone = await asyncio.to_thread(run, "privacy", "held", "qian@example.test", database_url=address.dsn)
    assert_refused(gone, 4, "no such person")
