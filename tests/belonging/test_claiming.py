"""Claims of organisations: who may make, see, decide and withdraw them, and what a confirmed one changes."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.support import parties as made
from tests.support.belonging import OWN_PASSWORD, newcomer
from tests.support.refused import codes_broken
from tests.support.served import Served, Visitor
from tests.support.trade import Trade, refused, sent
from wastetrack.auth import queries
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.tables import Person
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.parties import claiming, verifying
from wastetrack.parties import queries as parties
from wastetrack.parties.claims import ClaimDocument, ClaimOrganisation
from wastetrack.parties.model import Organisation, OrganisationKind

AT = made.AT
PAPER = ClaimDocument("营业执照.pdf", bytes(32), 1000)
API = "/api/v1/claims"


def a_claim(credit_code: str, **changes: Any) -> ClaimOrganisation:  # noqa: ANN401  any field of the command
    values: dict[str, Any] = {
        "credit_code": credit_code,
        "contact_name": "李娜",
        "contact_phone": "0535-6123456",
        "grounds": "法定代表人",
        "documents": (PAPER,),
    }
    return ClaimOrganisation(**values | changes)


async def somebody(session: WriteSession, role: Role, viewer: str, organisation_id: UUID | None = None) -> Actor:
    """A person who really is there, for rows that name persons; the organisation too."""
    actor = made.actor(role, viewer, organisation_id or (await made.registered(session)).id)
    session.add(
        Person(
            id=actor.person_id,
            login=f"{actor.person_id}",
            name="张伟",
            password_hash="-",  # noqa: S106  no hash at all
            locale="zh",
            created_at=AT,
        )
    )
    await session.flush()
    return actor


async def unverified(session: WriteSession) -> Organisation:
    return await made.registered(session, verified=False)


@pytest.mark.usefixtures("official_lists")
async def test_a_confirmed_claim_makes_the_claimant_the_owner_and_the_organisation_verified(
    session: WriteSession,
) -> None:
    firm = await unverified(session)
    claimant = await somebody(session, Role.VIEWER, f"o:{new_id()}")
    official = await somebody(session, Role.APPROVER, "r:3706")
    claim_id = await claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT)
    assert not await verifying.is_verified(session, firm.id)
    await claiming.decide(session, official, claim_id, confirm=True, reason="", at=AT)
    assert await verifying.is_verified(session, firm.id)
    hats = await queries.memberships_in_force(session, claimant.person_id)
    assert [(hat.organisation_id, hat.role, hat.viewer) for hat in hats] == [(firm.id, "owner", f"o:{firm.id}")]
    found = await claiming.one_claim(session, claimant, claim_id)
    assert (found.state.value, found.decided_by, found.decided_for) == (
        "confirmed",
        official.person_id,
        official.organisation_id,
    )
    with pytest.raises(Conflict):
        await claiming.decide(session, official, claim_id, confirm=False, reason="再想想", at=AT)


@pytest.mark.usefixtures("official_lists")
async def test_a_refusal_has_its_reason_and_changes_nothing_else(session: WriteSession) -> None:
    firm = await unverified(session)
    claimant = await somebody(session, Role.VIEWER, f"o:{new_id()}")
    operator = await somebody(session, Role.OPERATOR, "p")
    claim_id = await claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT)
    refusing = claiming.decide(session, operator, claim_id, confirm=False, reason=" ", at=AT)
    assert await codes_broken(refusing) == ["field_empty"]
    await claiming.decide(session, operator, claim_id, confirm=False, reason="执照与代码不符", at=AT)
    assert (await claiming.one_claim(session, claimant, claim_id)).reason == "执照与代码不符"
    assert not await verifying.is_verified(session, firm.id)
    assert await queries.memberships_in_force(session, claimant.person_id) == []


@pytest.mark.usefixtures("official_lists")
async def test_nobody_decides_the_own_claim_nor_one_of_another_region(session: WriteSession) -> None:
    firm = await unverified(session)
    official = await somebody(session, Role.APPROVER, "r:3706")
    claim_id = await claiming.claim(session, official, a_claim(firm.credit_code), at=AT)
    with pytest.raises(Forbidden) as own:
        await claiming.decide(session, official, claim_id, confirm=True, reason="", at=AT)
    assert own.value.code == "claim_of_oneself"
    for role, viewer in (
        (Role.APPROVER, "r:3702"),
        (Role.INSPECTOR, "r:3706"),
        (Role.OWNER, f"o:{firm.id}"),
        (Role.REGULATOR_VIEWER, "r:37"),
    ):
        other = await somebody(session, role, viewer)
        with pytest.raises(NotFound):
            await claiming.decide(session, other, claim_id, confirm=True, reason="", at=AT)
    with pytest.raises(sa.exc.IntegrityError):
        await session.execute(
            sa.text(
                "update organisation_claims set state = 'confirmed', decided_by = claimant_id, "
                "decided_for = organisation_id, decided_at = now() where id = :id"
            ),
            {"id": claim_id},
        )


@pytest.mark.usefixtures("official_lists")
async def test_a_claim_is_open_once_and_withdrawn_by_its_maker_alone(session: WriteSession) -> None:
    firm = await unverified(session)
    claimant = await somebody(session, Role.VIEWER, f"o:{new_id()}")
    operator = await somebody(session, Role.OPERATOR, "p")
    first = await claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT)
    with pytest.raises(Conflict):
        await claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT)
    with pytest.raises(Forbidden):
        await claiming.withdraw(session, operator, first, at=AT)
    await claiming.withdraw(session, claimant, first, at=AT)
    assert await claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT) != first


@pytest.mark.usefixtures("official_lists")
@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"credit_code": "91370602MA00000013"}, {"credit_code_check_character"}),
        ({"credit_code": "91370602MA", "documents": ()}, {"credit_code_length", "claim_without_documents"}),
        ({"contact_name": "", "contact_phone": "x", "grounds": "", "documents": ()}, {
            "field_empty", "phone_unreadable", "claim_without_documents"}),
        ({"documents": (PAPER,) * 11}, {"claim_documents_many"}),
        ({"documents": (ClaimDocument("空.pdf", bytes(32), 0),)}, {"claim_document_size"}),
    ],
)  # fmt: skip
async def test_all_that_is_wrong_with_a_claim_is_told_at_once(
    session: WriteSession, changes: dict[str, Any], codes: set[str]
) -> None:
    firm = await unverified(session)
    claimant = await somebody(session, Role.VIEWER, f"o:{new_id()}")
    command = a_claim(**{"credit_code": firm.credit_code, **changes})
    found = set(await codes_broken(claiming.claim(session, claimant, command, at=AT)))
    assert found == codes


@pytest.mark.usefixtures("official_lists")
async def test_authorities_and_what_is_one_s_own_are_not_claimed(session: WriteSession) -> None:
    office = await made.registered(session, OrganisationKind.REGULATOR, jurisdiction="3706")
    claimant = await somebody(session, Role.VIEWER, f"o:{new_id()}")
    assert await codes_broken(claiming.claim(session, claimant, a_claim(office.credit_code), at=AT)) == [
        "claim_of_office"
    ]
    unknown = made.firm_command().credit_code
    assert await codes_broken(claiming.claim(session, claimant, a_claim(unknown), at=AT)) == [
        "organisation_not_registered"
    ]
    firm = await unverified(session)
    operator = await somebody(session, Role.OPERATOR, "p")
    claim_id = await claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT)
    await claiming.decide(session, operator, claim_id, confirm=True, reason="", at=AT)
    assert await codes_broken(claiming.claim(session, claimant, a_claim(firm.credit_code), at=AT)) == ["claim_of_own"]


async def test_an_unverified_organisation_signs_nothing(trade: Trade) -> None:
    drum = await trade.labelled()
    draft = await trade.drafted(drum)
    generator = {"id": trade.world.generator.id}
    engine = trade.served.owner
    async with writing(engine) as session:
        await session.execute(sa.text("update organisations set verified_at = null where id = :id"), generator)
    try:
        problem = await refused(await trade.shipper(), f"/manifests/{draft}/filing", {}, "organisation_unverified")
        broken = problem["errors"][0]
        assert broken["field"] == "organisation"
        assert broken["next_step_zh"]
    finally:
        async with writing(engine) as session:
            await session.execute(sa.text("update organisations set verified_at = now() where id = :id"), generator)
    await sent(await trade.shipper(), f"/manifests/{draft}/filing", {})


async def test_a_claim_through_the_pages(served: Served) -> None:
    firm = await _registered(served)
    login = await newcomer(served, "viewer", by="stranger", place="stranger")
    claimant = served.visitor()
    await claimant.sign_in(login, OWN_PASSWORD)
    official = await served.page_visitor("approver")
    assert "未核验" in (await claimant.get(f"/organisations/{firm.id}")).text
    page = f"/claims/new?credit_code={firm.credit_code}"
    assert firm.credit_code in (await claimant.get(page)).text
    fields = {
        "csrf_token": await claimant.token_on(page),
        "request_id": str(new_id()),
        "credit_code": firm.credit_code,
        "contact_name": "李娜",
        "contact_phone": "0535-6123456",
        "grounds": "法定代表人",
    }
    bare = await claimant.post("/claims/new", data=fields)
    assert bare.status_code == 422
    assert "至少需要一份证明材料" in bare.text
    files = {"documents": ("营业执照.pdf", b"%PDF-1.7 licence", "application/pdf")}
    answered = await claimant.post("/claims/new", data={**fields, "request_id": str(new_id())}, files=files)
    assert answered.status_code == 303, answered.text
    address = answered.headers["location"]
    shown = (await claimant.get(address)).text
    assert sha256(b"%PDF-1.7 licence").hexdigest() in shown
    assert 'name="decision"' not in shown
    assert (await (await served.page_visitor("stranger")).get(address)).status_code == 404
    assert (await served.visitor().get(address)).status_code == 303
    assert 'name="decision"' in (await official.get(address)).text
    assert address in (await official.get("/claims")).text
    decided = await official.send_form(address, {"decision": "confirmed", "reason": ""}, page=address)
    assert decided.status_code == 303
    assert "已核验" in (await claimant.get(f"/organisations/{firm.id}")).text
    assert "吴芳" in (await claimant.get(address)).text
    assert firm.name in (await claimant.get("/account")).text


async def test_claims_at_the_api_by_nobody_a_stranger_and_the_right_person(served: Served) -> None:
    firm = await _registered(served)
    body = {
        "credit_code": firm.credit_code,
        "contact_name": "李娜",
        "contact_phone": "0535-6123456",
        "grounds": "法定代表人",
        "documents": [{"name": "执照.pdf", "sha256": "ab" * 32, "size_bytes": 99}],
    }
    nobody = served.visitor()
    claimant = await _program(served, await newcomer(served, "viewer", by="stranger", place="stranger"))
    stranger, approver = await served.api_visitor("stranger"), await served.api_visitor("approver")
    assert (await nobody.send_json(API, body)).status_code == 401
    made_claim = await claimant.send_json(API, body)
    assert made_claim.status_code == 201, made_claim.text
    path = f"{API}/{made_claim.json()['id']}"
    assert [(await who.get(path)).status_code for who in (nobody, stranger, claimant, approver)] == [401, 404, 200, 200]
    assert path.rpartition("/")[2] in [one["id"] for one in (await approver.get(API)).json()["items"]]
    assert path.rpartition("/")[2] not in [one["id"] for one in (await stranger.get(API)).json()["items"]]
    decision = {"decision": "refused", "reason": "材料不全"}
    assert (await nobody.send_json(f"{path}/decision", decision)).status_code == 401
    assert (await stranger.send_json(f"{path}/decision", decision)).status_code == 404
    assert (await claimant.send_json(f"{path}/decision", decision)).status_code == 403
    assert (await approver.send_json(f"{path}/withdrawal", {})).status_code == 403
    answered = await approver.send_json(f"{path}/decision", decision)
    assert answered.json()["state"] == "refused"
    assert answered.json()["decided_by_name"] == "吴芳"
    assert (await claimant.send_json(f"{path}/withdrawal", {})).status_code == 409


async def _registered(served: Served) -> Organisation:
    async with writing(served.owner) as session:
        return await unverified(session)


async def _program(served: Served, login: str) -> Visitor:
    visitor = served.visitor()
    assert (await visitor.sign_in_at_api(login, OWN_PASSWORD)).status_code == 201
    return visitor


async def test_a_firm_that_the_register_does_not_vouch_for_is_shown_as_such(served: Served) -> None:
    firm = await _registered(served)
    async with reading(served.owner) as session:
        assert not (await parties.organisation(session, firm.id)).verified


async def test_the_database_itself_shows_a_claim_to_its_claimant_and_its_deciders_alone(served: Served) -> None:
    firm = await _registered(served)
    program = await _program(served, await newcomer(served, "viewer", by="stranger", place="stranger"))
    body = {
        "credit_code": firm.credit_code,
        "contact_name": "李娜",
        "contact_phone": "0535-6123456",
        "grounds": "法定代表人",
        "documents": [{"name": "执照.pdf", "sha256": "ab" * 32, "size_bytes": 99}],
    }
    claim_id = UUID((await program.send_json(API, body)).json()["id"])
    claimant = UUID((await program.get("/api/v1/me")).json()["person_id"])

    async def seen_by(viewer: str | None, person: UUID) -> tuple[int, int]:
        async with reading(served.app.state.engine) as session:
            if viewer is not None:
                await session.look_as(viewer, new_id(), person)
            claims = await session.scalar(
                sa.text("select count(*) from organisation_claims where id = :id"), {"id": claim_id}
            )
            papers = await session.scalar(
                sa.text("select count(*) from claim_documents where claim_id = :id"), {"id": claim_id}
            )
        return int(claims or 0), int(papers or 0)

    assert await seen_by(f"o:{new_id()}", claimant) == (1, 1)
    assert [await seen_by(viewer, new_id()) for viewer in ("p", "r:37", "r:3706", "r:370602")] == [(1, 1)] * 4
    assert [await seen_by(viewer, new_id()) for viewer in (None, "r:3702", f"o:{firm.id}")] == [(0, 0)] * 3
