"""Erasure through the API and from the command line."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.cli.test_main import assert_refused, run
from tests.support.databases import Cluster
from tests.support.served import PASSWORD, Served, Visitor, for_application, served_on
from tests.support.trade import API, Trade, asked, sent
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.jobs.worker import make_queue
from wastetrack.privacy.model import RecordKind
from wastetrack.settings import Settings


async def hired(served: Served, login: str, name: str = "钱多多") -> Visitor:
    """Somebody new at the generator, signed in."""
    async with writing(served.app.state.engine) as session:
        command = Enrol(
            login=login,
            name=name,
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


SECRETS = ("vanishing@example.test", "欧阳无痕", "13800138999")
"""Login, name and telephone of the person, as they were told in every table."""
# Table → its row; what is not told here is the same in several.
NEWER_ROWS = {
    "passkeys": "(id, person_id, credential_id, public_key, sign_count, transports, backed_up, name, created_at) "
    "values (:id, :person, :hash, :hash, 0, '{}', false, :told, now())",
    "totp_secrets": "(id, person_id, sealed, created_at, confirmed_at, last_used_step) "
    "values (:id, :person, :hash, now(), now(), 0)",
    "recovery_codes": "(id, person_id, code_hash, created_at) values (:id, :person, :hash, now())",
    "known_devices": "(token_hash, person_id, last_seen_at) values (:hash, :person, now())",
    "pending_sign_ins": "(token_hash, person_id, expires_at) values (:hash, :person, now())",
    "account_events": "(id, person_id, kind, happened_at, facts) "
    "values (:id, :person, 'passkey_added', now(), jsonb_build_object('name', cast(:told as text)))",
    "federated_identities": "(issuer, subject, person_id, created_at) values ('https://id', :told, :person, now())",
    "provisioned_people": "(organisation_id, person_id, external_id, given_name, family_name, changed_at) "
    "values (:firm, :person, :told, :told, :told, now())",
    "invitations": "(id, organisation_id, contact_kind, contact, name, role, viewer, locale, invited_by, created_at, "
    "expires_at, accepted_at, accepted_by) values (:id, cast(:firm as uuid), 'phone', :told, :told, 'filer', "
    "'o:' || cast(cast(:firm as uuid) as text), 'zh', :other, now(), now() + interval '1 day', now(), :person)",
    "organisation_claims": "(id, organisation_id, claimant_id, contact_name, contact_phone, grounds, state, created_at)"
    " values (:id, :firm, :person, :told, :told, :told, 'pending', now())",
    "driver_links": "(id, token_hash, code_hash, manifest_id, vehicle_id, organisation_id, person_id, membership_id, "
    "driver_name, phone, made_by, maker_organisation_id, created_at, expires_at) "
    "select :id, cast(:hash as bytea), cast(:hash as bytea), cast(:manifest as uuid), "
    "(select id from vehicles limit 1), cast(:firm as uuid), cast(:person as uuid), cast(:membership as uuid), :told, "
    ":told, :membership, :firm, now(), now()",
    "signed_acts": "(event_id, person_id, membership_id, organisation_id, manifest_id, kind, words, signed_at) "
    "values (:id, :person, :membership, :firm, :manifest, 'filing', jsonb_build_object('by', cast(:told as text)), "
    "now())",
}


async def write_newer_rows(connection: AsyncConnection, facts: dict[str, object]) -> None:
    """A row of the person in each of these tables, with everything that tells who it is."""
    for table, row in NEWER_ROWS.items():
        statement = text(f"insert into {table} {row}")
        named = {name: facts[name] for name in statement._bindparams if name in facts}
        await connection.execute(statement, {**named, **({"id": new_id()} if "id" in statement._bindparams else {})})


async def where_told(connection: AsyncConnection) -> set[str]:
    """The tables of the whole database that tell one of the secrets in clear, in any column of any type."""
    names = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    found = set()
    for table in (await connection.execute(text(names))).scalars().all():
        rows = (await connection.execute(text(f"select row_to_json(t)::text from {table} t"))).scalars()  # noqa: S608
        if any(secret in row for row in rows for secret in SECRETS):
            found.add(table)
    return found


async def test_after_erasure_no_table_tells_who_it_was(trade: Trade) -> None:
    person = await hired(trade.served, *SECRETS[:2])
    manifest_id = await trade.filed(await trade.labelled())
    shipper = await trade.shipper()
    before = await shipper.get(f"{API}/manifests/{manifest_id}/bundle")
    me, owner = await asked(person, "/me"), await asked(shipper, "/me")
    facts = {
        "person": me["person_id"],
        "other": owner["person_id"],
        "firm": me["organisation_id"],
        "manifest": manifest_id,
        "hash": b"h" * 32,
        "told": "·".join(SECRETS),
    }
    async with trade.served.owner.begin() as connection:
        held = text("select id from memberships where person_id = :person")
        facts["membership"] = (await connection.execute(held, {"person": me["person_id"]})).scalar_one()
        await write_newer_rows(connection, facts)
        told = NEWER_ROWS.keys() - {"totp_secrets", "recovery_codes", "known_devices", "pending_sign_ins"}
        assert await where_told(connection) >= told | {"people"}, "the search finds it where it stands"
    operator = await trade.served.api_visitor("operator")
    await sent(operator, f"/people/{me['person_id']}/erasure", {"reason": "本人申请"})
    async with trade.served.owner.connect() as connection:
        assert await where_told(connection) == set()
    after = await shipper.get(f"{API}/manifests/{manifest_id}/bundle")
    leaves = [[event["leaf"] for event in json.loads(one.text)["events"]] for one in (before, after)]
    assert leaves[0] == leaves[1]


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
    addresses = {"database_url": for_application(address.dsn), "owner_database_url": address.dsn}
    trade = Trade(served)
    person = await hired(served, "qian@example.test")
    await sent(person, "/containers", trade.drum(), expect=201)
    await sent(person, "/me/erasure", {}, expect=201)
    token = (await sent(await served.api_visitor("operator"), "/tokens", {"name": "console", "days": 1}, expect=201))[
        "secret"
    ]
    erase = ("erase", "qian@example.test", "--reason", "本人申请", "--token", token)
    free = f'{{"{RecordKind.LEDGER}": 0}}'
    listed = await asyncio.to_thread(run, "privacy", "requests", **addresses)
    assert "qian@example.test" in listed.stdout
    held = await asyncio.to_thread(run, "privacy", "held", "qian@example.test", **addresses)
    assert "ledger: 1, kept until" in held.stdout
    kept = await asyncio.to_thread(run, "privacy", *erase, **addresses)
    assert_refused(kept, 3, "must be kept until")
    stolen = (*erase[:-1], "wt_nobody's")
    assert_refused(await asyncio.to_thread(run, "privacy", *stolen, **addresses), 6, "sign-in has ended")
    done = await asyncio.to_thread(run, "privacy", *erase, **addresses, retention_years=free)
    assert done.returncode == 0, done.stderr
    assert "1 events" in done.stdout
    gone = await asyncio.to_thread(run, "privacy", "held", "qian@example.test", **addresses)
    assert_refused(gone, 4, "no such person")


async def test_the_command_line_says_what_it_would_purge_and_purges_it(deployed: tuple[Address, Served]) -> None:
    address, served = deployed
    addresses = {"database_url": for_application(address.dsn), "owner_database_url": address.dsn}
    trade = Trade(served)
    manifest_id = await trade.drafted(await trade.labelled())
    operator = await served.api_visitor("operator")
    token = (await sent(operator, "/tokens", {"name": "console", "days": 1}, expect=201))["secret"]
    kept = await asyncio.to_thread(run, "privacy", "purge", "--token", token, **addresses)
    assert kept.stdout.splitlines()[0] == "drafts: 0 gone, 0 files."
    # The day of today is over for the law as soon as it has begun, where a draft is kept for no year at all.
    async with served.owner.begin() as connection:
        await connection.execute(
            text(
                "update manifests set created_at = created_at - interval '2 days', "
                "last_act_at = last_act_at - interval '2 days' where state = 'draft'"
            )
        )
    free = {**addresses, "retention_years": '{"draft": 0}'}
    would = await asyncio.to_thread(run, "privacy", "purge", "--dry-run", "--token", token, **free)
    assert would.stdout.splitlines()[0] == "drafts: 1 would go, 0 files.", would.stderr
    assert (await (await trade.shipper()).get(f"/api/v1/manifests/{manifest_id}")).status_code == 200
    done = await asyncio.to_thread(run, "privacy", "purge", "--token", token, **free)
    assert done.stdout.splitlines()[0] == "drafts: 1 gone, 0 files."
    assert (await (await trade.shipper()).get(f"/api/v1/manifests/{manifest_id}")).status_code == 404
    nobody = await asyncio.to_thread(run, "privacy", "purge", "--token", "wt_nobody's", **free)
    assert_refused(nobody, 6, "sign-in has ended")


async def test_by_night_it_is_purged_only_where_the_operator_has_given_a_token(
    deployed: tuple[Address, Served], tmp_path: Path
) -> None:
    address, served = deployed
    trade = Trade(served)
    manifest_id = await trade.drafted(await trade.labelled())
    operator = await served.api_visitor("operator")
    token = (await sent(operator, "/tokens", {"name": "nightly", "days": 1}, expect=201))["secret"]
    async with served.owner.begin() as connection:
        await connection.execute(
            text(
                "update manifests set created_at = created_at - interval '2 days', "
                "last_act_at = last_act_at - interval '2 days' where state = 'draft'"
            )
        )
    engine = make_engine(for_application(address.url), pool_size=2)
    shipper, found = await trade.shipper(), f"/api/v1/manifests/{manifest_id}"

    async def a_night(given: str | None) -> None:
        settings = Settings(
            data_dir=tmp_path, retention_years={"draft": 0}, purge_token=None if given is None else SecretStr(given)
        )
        await make_queue(settings, dsn=address.dsn, engine=engine).tasks["purge"](timestamp=0)

    await a_night(None)
    await a_night("wt_nobody's")  # refused: said in the log, and the worker goes on
    assert (await shipper.get(found)).status_code == 200
    await a_night(token)
    assert (await shipper.get(found)).status_code == 404
    await engine.dispose()
