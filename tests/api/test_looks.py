"""Looking is logged: what an authority looks at is written down, and the firm's owner sees who looked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from tests.support.served import Visitor
from tests.support.statements import counted
from tests.support.trade import API, Trade, asked
from tests.support.wire import on_the_wire
from wastetrack import clock
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.db.session import reading, writing
from wastetrack.ids import new_id
from wastetrack.looks import policy
from wastetrack.looks.model import Channel, Circumstances, Look, LookKind, Reason, Why
from wastetrack.looks.recording import record
from wastetrack.reports.who_looked import Disclosure, SeenLook, who_looked


async def looks_at(trade: Trade, subject_id: object) -> list[dict[str, Any]]:
    """The record of looks at a thing, the oldest first."""
    statement = text("select * from looks where subject_id = :id order by looked_at, id")
    async with trade.served.owner.connect() as connection:
        found = await connection.execute(statement, {"id": UUID(str(subject_id))})
        return [dict(row) for row in found.mappings()]


async def number_of_looks(trade: Trade) -> int:
    async with trade.served.owner.connect() as connection:
        return int((await connection.execute(text("select count(*) from looks"))).scalar_one())


async def test_a_look_of_an_authority_is_written_down_with_who_what_when_and_how(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    inspector = await trade.inspector()
    before = clock.now()
    answered = await inspector.get(f"{API}/manifests/{manifest_id}", headers={"X-Request-Id": "looked-at-this-1"})
    assert answered.status_code == 200
    (look,) = await looks_at(trade, manifest_id)
    me = await asked(inspector, "/me")
    assert str(look["person_id"]) == me["person_id"]
    assert str(look["organisation_id"]) == me["organisation_id"]
    assert (look["role"], look["viewer"], look["kind"], look["channel"]) == ("inspector", "r:3706", "manifest", "api")
    assert (look["why"], look["request_id"]) == (None, "looked-at-this-1")
    assert before <= look["looked_at"] <= clock.now()


async def test_a_list_is_written_down_with_its_terms(trade: Trade) -> None:
    inspector = await trade.inspector()
    before = await number_of_looks(trade)
    await asked(inspector, "/containers?waste_code=900-249-08&limit=3")
    async with trade.served.owner.connect() as connection:
        terms = (await connection.execute(text("select terms from looks order by looked_at desc, id limit 1"))).scalar()
    assert terms == f"{API}/containers?waste_code=900-249-08"
    assert await number_of_looks(trade) == before + 1


async def test_labels_of_several_containers_are_as_many_looks_in_one_statement(trade: Trade) -> None:
    drums = [(await trade.labelled())["id"] for _ in range(3)]
    inspector = await trade.inspector()
    with on_the_wire(trade.app.state.engine) as sent:
        printed = await inspector.post(f"{API}/containers/labels.pdf", json={"container_ids": drums})
    assert printed.status_code == 200, printed.text[:300]
    assert [len(await looks_at(trade, drum)) for drum in drums] == [1, 1, 1]
    assert len([one for one in sent if "insert into looks" in one]) == 1


async def test_what_a_firm_reads_leaves_no_trace_and_costs_no_statement(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    shipper, inspector = await trade.shipper(), await trade.inspector()
    before = await number_of_looks(trade)
    sent: dict[str, list[str]] = {}
    for who, visitor in (("shipper", shipper), ("inspector", inspector)):
        await visitor.get(f"{API}/manifests/{manifest_id}")  # the first one may note the use of the sign-in
        with on_the_wire(trade.app.state.engine) as statements:
            await asked(visitor, f"/manifests/{manifest_id}")
        sent[who] = list(statements)
    assert not any("looks" in statement for statement in sent["shipper"])
    assert len(sent["inspector"]) == len(sent["shipper"]) + 1
    assert await number_of_looks(trade) == before + 2


@pytest.mark.parametrize("who", ["stranger", "regulator"])
async def test_what_was_not_shown_is_no_look(trade: Trade, who: str) -> None:
    visitor = await trade.served.api_visitor(who)
    before = await number_of_looks(trade)
    draft = await trade.drafted(await trade.labelled())
    for path in (f"/manifests/{draft}", f"/manifests/{new_id()}"):
        await asked(visitor, path, expect=404)
    assert await number_of_looks(trade) == before


async def test_a_look_that_cannot_be_recorded_is_not_given(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    engine = trade.served.owner
    inspector = await trade.inspector()
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    async with engine.begin() as connection:
        await connection.execute(text("alter table looks add constraint shut check (role <> 'inspector') not valid"))
    try:
        for path in (f"/manifests/{manifest_id}", f"/manifests?number={number}"):
            refused = await inspector.get(API + path)
            assert refused.status_code >= 400
            assert number not in refused.text
        assert (await (await trade.shipper()).get(f"{API}/manifests/{manifest_id}")).status_code == 200
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("alter table looks drop constraint shut"))
    assert (await inspector.get(f"{API}/manifests/{manifest_id}")).status_code == 200


@pytest.mark.parametrize("change", ["update looks set why = 'case'", "delete from looks", "truncate looks"])
async def test_the_record_is_append_only(trade: Trade, change: str) -> None:
    await asked(await trade.inspector(), "/manifests")
    with pytest.raises(Exception, match="append-only") as refused:
        async with trade.served.owner.begin() as connection:
            await connection.execute(text(change))
    assert isinstance(refused.value.orig.__cause__, asyncpg.RestrictViolationError)  # type: ignore[attr-defined]


async def test_an_authority_says_why_it_takes_names_away_once_for_each_thing(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    inspector = await trade.inspector()
    path = f"{API}/manifests/{manifest_id}/bundle?personal=true"
    refused = await inspector.get(path)
    assert refused.status_code == 422
    (rule,) = refused.json()["errors"]
    assert (rule["field"], rule["code"]) == ("why", "why_missing")
    assert "routine_inspection" in rule["next_step"]
    assert await looks_at(trade, manifest_id) == []
    (wordless,) = (await inspector.get(f"{path}&why=other")).json()["errors"]
    assert (wordless["field"], wordless["code"]) == ("words", "words_missing")
    assert (await inspector.get(f"{path}&why=nosiness")).status_code == 422
    assert (await inspector.get(f"{path}&why=other&words=信访核查")).status_code == 200
    assert (await inspector.get(path)).status_code == 200
    told = [(one["kind"], one["why"], one["why_words"], one["channel"]) for one in await looks_at(trade, manifest_id)]
    assert told == [("personal", "other", "信访核查", "bundle"), ("personal", None, "", "bundle")]
    another_sign_in = trade.served.visitor()
    await another_sign_in.sign_in_at_api("inspector")
    assert (await another_sign_in.get(path)).status_code == 422
    assert (await (await trade.shipper()).get(path)).status_code == 200


async def test_who_may_not_take_a_bundle_is_not_asked_why(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    regulator = await trade.served.api_visitor("regulator")
    assert (await asked(regulator, f"/manifests/{manifest_id}/bundle", expect=403))["code"] == "may_not_prove"
    assert (await asked(await trade.stranger(), f"/manifests/{manifest_id}/bundle", expect=404))["errors"] == []


async def listed(visitor: Visitor, query: str = "") -> list[dict[str, Any]]:
    """The looks that an owner is told."""
    items: list[dict[str, Any]] = (await asked(visitor, f"/looks{query}"))["items"]
    return items


async def test_the_owner_sees_the_authority_and_the_day_but_not_yet_the_person(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    inspector, shipper = await trade.inspector(), await trade.shipper()
    await asked(inspector, f"/manifests/{manifest_id}")
    (leaf, *_) = (await asked(inspector, f"/manifests/{manifest_id}/history"))["events"]
    await asked(inspector, f"/log/leaves/{leaf['event_id']}")
    await asked(inspector, f"/containers/{drum['id']}")
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    of_manifest = await listed(shipper, f"?manifest_id={manifest_id}")
    assert sorted(one["kind"] for one in of_manifest) == ["event", "manifest", "manifest"]
    for one in of_manifest:
        assert one["region"] == "3706"
        assert (one["person"], one["looked_at"], one["organisation"]) == (None, None, None)
    assert {one["subject"] for one in of_manifest} == {number, ""}
    of_drum = await listed(shipper, f"?container_id={drum['id']}")
    assert {one["kind"]: one["subject"] for one in of_drum} == {"container": drum["digital_code"], "event": ""}
    everything = await listed(shipper, "?limit=200")
    assert {one["subject_id"] for one in everything} >= {manifest_id, drum["id"]}
    # Parties to the manifest see looks at it too; those who are not, neither know of the manifest nor of the looks.
    receiver = await listed(await trade.receiver(), f"?manifest_id={manifest_id}")
    assert sorted(one["kind"] for one in receiver) == ["event", "manifest", "manifest"]
    await asked(await trade.stranger(), f"/looks?manifest_id={manifest_id}", expect=404)
    assert not {one["subject_id"] for one in await listed(await trade.stranger(), "?limit=200")} & {manifest_id}


async def test_only_the_owner_of_a_firm_asks_who_looked(trade: Trade) -> None:
    for login in ("filer", "viewer", "driver", "inspector", "operator"):
        visitor = await trade.served.api_visitor(login)
        assert (await asked(visitor, "/looks", expect=403))["code"] == "may_not_manage_organisation"
    assert (await (await trade.nobody()).get(f"{API}/looks")).status_code == 401


async def test_pages_hold_each_look_once_and_their_cursor_tells_no_time(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    inspector, shipper = await trade.inspector(), await trade.shipper()
    for _ in range(5):
        await asked(inspector, f"/manifests/{manifest_id}")
    pages, address = [], f"/looks?manifest_id={manifest_id}&limit=2"
    while address:
        page = await asked(shipper, address)
        pages.append(page["items"])
        address = (page["next"] or "").removeprefix(API)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert (await asked(shipper, "/looks?cursor=WzFd", expect=400))["code"] == "cursor_unreadable"


async def test_a_longer_list_asks_no_more_of_the_database(trade: Trade) -> None:
    inspector, shipper = await trade.inspector(), await trade.shipper()
    counts = []
    for times in (1, 6):
        manifest_id = await trade.filed(await trade.labelled())
        for _ in range(times):
            await asked(inspector, f"/manifests/{manifest_id}")
        with on_the_wire(trade.app.state.engine) as sent:
            assert len(await listed(shipper, f"?manifest_id={manifest_id}")) == times
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 5


ALL = Disclosure(hide_person=timedelta(days=30), never=frozenset({"case"}))


async def told_to(trade: Trade, disclosure: Disclosure, days_later: int, subject_id: UUID) -> list[SeenLook]:
    """What the shipper's owner is told of looks at a thing after some days."""
    owner = trade.world.generator.owner
    at = clock.now() + timedelta(days=days_later)
    async with reading(trade.app.state.engine) as session:
        await look_as(session, owner)
        return await who_looked(session, owner, disclosure, subject_id=subject_id, limit=10, at=at)


async def test_person_and_time_are_told_when_the_days_are_over(trade: Trade) -> None:
    manifest_id = UUID(await trade.filed(await trade.labelled()))
    await asked(await trade.inspector(), f"/manifests/{manifest_id}")
    (early,) = await told_to(trade, ALL, 29, manifest_id)
    (late,) = await told_to(trade, ALL, 31, manifest_id)
    assert (early.person, early.looked_at) == (None, None)
    assert late.person == "周涛"
    assert late.looked_at is not None


async def test_looks_in_a_case_are_never_told_nor_what_the_same_sign_in_saw_beside(trade: Trade) -> None:
    manifest_id = UUID(await trade.filed(await trade.labelled()))
    inspector = await trade.inspector()
    await asked(inspector, f"/manifests/{manifest_id}")
    assert len(await told_to(trade, ALL, 99, manifest_id)) == 1
    assert (await inspector.get(f"{API}/manifests/{manifest_id}/bundle?why=case")).status_code == 200
    assert await told_to(trade, ALL, 99, manifest_id) == []
    open_book = Disclosure(hide_person=timedelta(0), never=frozenset())
    assert {one.why for one in await told_to(trade, open_book, 0, manifest_id)} == {None, Why.CASE}


def someone(viewer: str, role: Role, organisation_id: UUID | None = None) -> Actor:
    return Actor(new_id(), "某人", organisation_id or new_id(), new_id(), role, viewer)


@pytest.mark.parametrize(
    ("actor", "recorded"),
    [
        (someone("r:37", Role.INSPECTOR), {LookKind.MANIFEST, LookKind.PEOPLE, LookKind.SEARCH}),
        (someone("p", Role.OPERATOR), {LookKind.PEOPLE}),
        (someone(f"o:{new_id()}", Role.OWNER), set()),
    ],
    ids=["authority", "operator", "firm"],
)
def test_whose_looks_are_recorded(actor: Actor, recorded: set[LookKind]) -> None:
    kinds = (LookKind.MANIFEST, LookKind.PEOPLE, LookKind.SEARCH, LookKind.LOOKS)
    assert {kind for kind in kinds if policy.is_recorded(actor, kind)} == recorded


async def test_the_operator_s_look_at_people_is_told_by_name_of_its_organisation(trade: Trade) -> None:
    organisation_id = trade.world.carrier.id
    operator = await trade.served.page_visitor("operator")
    assert (await operator.get(f"/organisations/{organisation_id}/people")).status_code == 200
    (look,) = [one for one in await looks_at(trade, organisation_id) if one["role"] == "operator"]
    assert (look["kind"], look["channel"], look["why"]) == ("people", "page", None)
    told = await listed(await trade.served.api_visitor("carrier"), "?limit=200")
    (one,) = [one for one in told if one["kind"] == "people"]
    assert (one["region"], one["person"], one["looked_at"]) == (None, None, None)
    assert one["organisation"]


async def test_a_consultant_s_look_is_told_to_its_client_alone(trade: Trade) -> None:
    manifest_id = UUID(await trade.filed(await trade.labelled()))
    client, consultant = trade.world.generator.id, trade.world.stranger.id
    actor = someone(f"o:{client}", Role.FILER, client)
    circumstances = Circumstances(channel=Channel.PAGE, request_id="r", session=b"s" * 32, delegate_of=consultant)
    async with writing(trade.app.state.engine) as session:
        await look_as(session, actor)
        look = Look(kind=LookKind.MANIFEST, subject_id=manifest_id)
        await record(session, actor, (look,), circumstances, Reason(why=Why.OTHER, words="代办"), at=clock.now())
    (told,) = await told_to(trade, ALL, 0, manifest_id)
    assert told.organisation
    assert told.looked_at is not None
    assert await listed(await trade.receiver(), f"?manifest_id={manifest_id}") == []


async def test_the_page_tells_the_same_in_both_languages(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    await asked(await trade.inspector(), f"/manifests/{manifest_id}")
    owner = await trade.served.page_visitor("owner")
    await owner.get("/looks")
    with counted(trade.app.state.engine) as sent:
        page = await owner.get(f"/looks?manifest_id={manifest_id}&lang=zh")
    assert page.status_code == 200
    assert "烟台市主管部门" in page.text
    assert "周涛" not in page.text
    assert len(sent) <= 3
    assert "Authority of" in (await owner.get(f"/looks?manifest_id={manifest_id}&lang=en")).text
    assert (await (await trade.served.page_visitor("filer")).get("/looks")).status_code == 403
    for _ in range(51):
        await asked(await trade.inspector(), f"/manifests/{manifest_id}")
    first = await owner.get(f"/looks?manifest_id={manifest_id}")
    following = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert following == f"/looks?manifest_id={manifest_id}&after=50"
    second = await owner.get(following)
    assert second.text.partition("<tbody>")[2].count("<tr>") == 2
