"""Signing over HTTP: what is prepared is what is signed, with the signer's own factor, once."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from webauthn.helpers import bytes_to_base64url

from tests.support.authenticator import Authenticator
from tests.support.served import PASSWORD, PEOPLE, Visitor
from tests.support.trade import API, Trade, asked, refused, sent
from wastetrack import clock
from wastetrack.auth.factor_tables import Passkey
from wastetrack.auth.machine_tables import RegisteredKey
from wastetrack.db.session import reading, writing
from wastetrack.ids import new_id
from wastetrack.reports import bundle
from wastetrack.reports.bundle_checks import Verdict

BY_PASSWORD = {"kind": "password", "password": PASSWORD}


async def prepared(visitor: Visitor, manifest_id: str, step: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401
    return await sent(visitor, f"/manifests/{manifest_id}/{step}/preparation", body, expect=201)


async def leaf_of(trade: Trade, event_id: str) -> dict[str, Any]:
    async with writing(trade.served.owner) as session:
        found = await session.execute(text("select bytes from log_leaves where id = :id"), {"id": event_id})
        leaf: dict[str, Any] = json.loads(found.scalar_one())
        return leaf


async def verified(trade: Trade, manifest_id: str) -> Verdict:
    response = await (await trade.inspector()).get(f"{API}/manifests/{manifest_id}/bundle?why=complaint")
    return bundle.verify_file(response.content, str(trade.keys.signer.verifier))


def who_signed(verdict: Verdict) -> list[str]:
    return [check.sentence() for check in verdict.checks if check.name == "signature"]


async def test_what_is_prepared_is_what_is_signed(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id, shipper = await trade.drafted(drum), await trade.shipper()
    told = await prepared(shipper, manifest_id, "filing", version=1)
    assert (await trade.standing(manifest_id))["manifest"]["state"] == "draft"
    assert hashlib.sha256(told["statement"].encode()).digest() == base64.urlsafe_b64decode(told["challenge"] + "=")
    assert told["factors"] == ["password"]
    filed = await sent(shipper, f"/manifests/{manifest_id}/filing", {"intent_id": told["intent_id"]})
    leaf = await leaf_of(trade, filed["log"]["event_id"])
    assert leaf["id"] == told["event_id"]
    assert leaf["given"] == {"number": filed["manifest"]["number"]}
    assert leaf["evidence"] == {"kind": "password"}
    signed = {name: value for name, value in leaf.items() if name not in {"recorded_at", "given", "evidence"}}
    assert signed | {"statement": "wastetrack statement"} == json.loads(told["statement"])


async def test_the_words_say_what_is_signed_and_the_leaf_holds_their_digest(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id, carrier = await trade.filed(drum), await trade.carrier()
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    told = await prepared(carrier, manifest_id, "pick-up")
    words = told["words"]
    for said in (number, trade.world.plate, "180 kg", "900-249-08"):
        assert said in words["zh"], words
        assert said in words["en"], words
    assert "punishable" in words["en"]
    assert "已装载" in words["zh"]
    digest = hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    assert json.loads(told["statement"])["facts"]["words_sha256"] == digest.hexdigest()


async def test_being_signed_in_is_not_enough(trade: Trade) -> None:
    manifest_id, carrier = await trade.filed(await trade.labelled()), await trade.carrier()
    path = f"/manifests/{manifest_id}/pick-up"
    await refused(carrier, path, {"factor": None}, "factor_missing")
    token = (await sent(carrier, "/tokens", {"name": "ERP"}, expect=201))["secret"]
    program = trade.served.visitor()
    program.bearer = token
    await refused(program, path, {}, "factor_missing")
    await refused(carrier, path, {"factor": {"kind": "password", "password": "guessed"}}, "password_wrong")
    assert (await trade.standing(manifest_id))["manifest"]["state"] == "filed"
    await sent(program, path, {"factor": BY_PASSWORD})


async def test_a_draft_is_thrown_away_without_a_signature(trade: Trade) -> None:
    manifest_id, shipper = await trade.drafted(await trade.labelled()), await trade.shipper()
    await sent(shipper, f"/manifests/{manifest_id}/cancellation", {"factor": None})


async def test_what_changed_meanwhile_is_not_signed(trade: Trade) -> None:
    drum, other = await trade.labelled(), await trade.labelled()
    manifest_id, shipper = await trade.drafted(drum), await trade.shipper()
    told = await prepared(shipper, manifest_id, "filing")
    changed = await shipper.http.put(
        f"{API}/manifests/{manifest_id}",
        json={**trade.plan(drum, other), "version": 1},
        headers={"Authorization": f"Bearer {shipper.bearer}", "Idempotency-Key": str(new_id())},
    )
    assert changed.status_code == 200, changed.text
    path = f"/manifests/{manifest_id}/filing"
    await refused(shipper, path, {"intent_id": told["intent_id"]}, "statement_changed", status=409)
    assert (await trade.standing(manifest_id))["manifest"]["state"] == "draft"


async def test_words_of_ones_own_are_part_of_what_is_signed(trade: Trade) -> None:
    manifest_id, shipper = await trade.filed(await trade.labelled()), await trade.shipper()
    told = await prepared(shipper, manifest_id, "cancellation", reason="改期")
    path = f"/manifests/{manifest_id}/cancellation"
    body = {"intent_id": told["intent_id"], "reason": "别的原因"}
    await refused(shipper, path, body, "statement_changed", status=409)
    await sent(shipper, path, {**body, "reason": "改期"})


async def test_an_intent_is_for_one_signature_of_one_person_within_five_minutes(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest_id, carrier = await trade.filed(await trade.labelled()), await trade.carrier()
    path = f"/manifests/{manifest_id}/pick-up"
    told = await prepared(carrier, manifest_id, "pick-up")
    other = await trade.served.api_visitor("carrier")
    await refused(other, path, {"intent_id": told["intent_id"]}, "intent_unknown", status=404)
    await refused(
        carrier, f"/manifests/{manifest_id}/arrival", {"intent_id": told["intent_id"]}, "intent_unknown", status=404
    )
    now = clock.now()
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now + timedelta(minutes=6))
        await refused(carrier, path, {"intent_id": told["intent_id"]}, "intent_over", status=409)
    await sent(carrier, path, {"intent_id": told["intent_id"]})
    await refused(carrier, path, {"intent_id": told["intent_id"]}, "intent_used", status=409)


async def test_a_repeated_signature_gets_its_first_answer_though_a_code_works_once(trade: Trade) -> None:
    manifest_id, carrier = await trade.filed(await trade.labelled()), await trade.carrier()
    told, key = await prepared(carrier, manifest_id, "pick-up"), new_id()
    path = f"/manifests/{manifest_id}/pick-up"
    first = await sent(carrier, path, {"intent_id": told["intent_id"]}, key=key)
    assert await sent(carrier, path, {"intent_id": told["intent_id"]}, key=key) == first


@pytest.fixture
async def passkey(trade: Trade) -> AsyncIterator[Authenticator]:
    """A device that the second carrier's driver has enrolled; the password is not enough for her any more."""
    await trade.second_carrier()  # signed in while the password is still enough
    party = trade.keys.relying_party
    device = Authenticator(origin=party.origin, rp_id=party.id)
    numbers = device._key.public_key().public_numbers()
    login = trade.world.second_carrier.people
    person_id = next(actor.person_id for role, actor in login.items() if role.value == "driver")
    device.user_handle = person_id.bytes
    row = Passkey(
        id=new_id(),
        person_id=person_id,
        credential_id=device.credential_id,
        public_key=cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}),
        sign_count=0,
        transports=["internal"],
        backed_up=True,
        name="手机",
        created_at=clock.now(),
    )
    async with writing(trade.served.owner) as session:
        session.add(row)
    yield device
    async with writing(trade.served.owner) as session:
        (await session.get_one(Passkey, row.id)).revoked_at = clock.now()


async def on_the_road(trade: Trade) -> str:
    """A manifest that the second carrier is to take over."""
    manifest_id = await trade.filed(await trade.labelled(), legs=2)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    return manifest_id


async def test_a_passkey_signs_the_event_and_a_stranger_can_tell(trade: Trade, passkey: Authenticator) -> None:
    manifest_id, driver = await on_the_road(trade), await trade.second_carrier()
    path = f"/manifests/{manifest_id}/hand-over"
    await refused(driver, path, {}, "factor_too_weak")
    told = await prepared(driver, manifest_id, "hand-over")
    assert told["factors"] == ["passkey"]
    assert told["passkey_options"]["challenge"] == told["challenge"]
    factor = {"kind": "passkey", "assertion": passkey.get(told["passkey_options"])}
    signed = await sent(driver, path, {"intent_id": told["intent_id"], "factor": factor})
    leaf = await leaf_of(trade, signed["log"]["event_id"])
    assert (leaf["evidence"]["kind"], leaf["evidence"]["rp_id"]) == ("passkey", passkey.rp_id)
    verdict = await verified(trade, manifest_id)
    assert verdict.holds, verdict.first_wrong
    assert any("passkey" in sentence and "holds" in sentence for sentence in who_signed(verdict))


async def test_the_log_states_a_key_once_before_the_first_signature_with_it(
    trade: Trade, passkey: Authenticator
) -> None:
    driver, key_id = await trade.second_carrier(), ""
    for _ in range(2):
        manifest_id = await on_the_road(trade)
        told = await prepared(driver, manifest_id, "hand-over")
        factor = {"kind": "passkey", "assertion": passkey.get(told["passkey_options"])}
        signed = await sent(
            driver, f"/manifests/{manifest_id}/hand-over", {"intent_id": told["intent_id"], "factor": factor}
        )
        key_id = (await leaf_of(trade, signed["log"]["event_id"]))["evidence"]["key_id"]
        assert (await verified(trade, manifest_id)).holds
    async with writing(trade.served.owner) as session:
        statement = "select count(*) from log_leaves l join log_subjects s using (arrival) where s.subject_id = :key"
        assert (await session.execute(text(statement), {"key": key_id})).scalar_one() == 1


async def test_a_passkey_signs_nothing_that_was_not_prepared(trade: Trade, passkey: Authenticator) -> None:
    one, other = await on_the_road(trade), await on_the_road(trade)
    driver = await trade.second_carrier()
    told = await prepared(driver, one, "hand-over")
    told_other = await prepared(driver, other, "hand-over")
    factor = {"kind": "passkey", "assertion": passkey.get(told["passkey_options"])}
    await refused(driver, f"/manifests/{one}/hand-over", {"factor": factor}, "passkey_not_accepted")
    # The assertion over one manifest is no signature under another.
    body = {"factor": factor, "intent_id": told_other["intent_id"]}
    await refused(driver, f"/manifests/{other}/hand-over", body, "passkey_not_accepted")


async def test_a_system_signs_with_its_registered_key(trade: Trade) -> None:
    key = Ed25519PrivateKey.generate()
    owner = next(actor for role, actor in trade.world.generator.people.items() if role.value == "owner")
    row = RegisteredKey(
        id=new_id(),
        organisation_id=owner.organisation_id,
        person_id=owner.person_id,
        name="ERP",
        public_key=key.public_key().public_bytes_raw(),
        challenge=bytes(32),
        registered_by=owner.membership_id,
        created_at=clock.now(),
        proved_at=clock.now(),
        valid_until=clock.now() + timedelta(days=1),
    )
    async with writing(trade.served.owner) as session:
        session.add(row)
    login = next(login for role, login in trade.world.generator.logins.items() if role.value == "owner")
    erp, manifest_id = await trade.program(login), await trade.drafted(await trade.labelled())
    path = f"/manifests/{manifest_id}/filing"
    told = await prepared(erp, manifest_id, "filing")

    def factor(signed: bytes) -> dict[str, str]:
        signature = bytes_to_base64url(key.sign(signed))
        return {"kind": "system_key", "key_id": str(row.id), "signature": signature}

    wrong = {"intent_id": told["intent_id"], "factor": factor(b"something else")}
    await refused(erp, path, wrong, "system_signature_wrong")
    await refused(erp, path, {"factor": factor(told["statement"].encode())}, "preparation_needed")
    await sent(erp, path, {"intent_id": told["intent_id"], "factor": factor(told["statement"].encode())})
    verdict = await verified(trade, manifest_id)
    assert verdict.holds, verdict.first_wrong
    assert f"Signed with the system_key {row.id} (Ed25519); the signature holds." in who_signed(verdict)
    # The key ends: the log says so, and what was signed before stays signed.
    await sent(erp, f"/system-keys/{row.id}/end", {})
    assert await kinds_about(trade, row.id) == ["signing_key_enrolled", "signing_key_revoked"]
    assert (await verified(trade, manifest_id)).holds


async def kinds_about(trade: Trade, subject_id: UUID) -> list[str]:
    """What the log says of a thing, in the order of arrival."""
    async with reading(trade.served.owner) as session:
        statement = (
            "select kind from log_leaves join log_subjects using (arrival) where subject_id = :id order by arrival"
        )
        return list((await session.execute(text(statement), {"id": subject_id})).scalars())


async def test_somebody_else_signs_on_the_same_device_with_a_factor_of_her_own(trade: Trade) -> None:
    manifest_id, gate = await trade.filed(await trade.labelled()), await trade.gate()
    told = await prepared(gate, manifest_id, "pick-up", signer_login="driver")
    assert told["signer"] == PEOPLE["driver"][0]
    path = f"/manifests/{manifest_id}/pick-up"
    wrong = {"intent_id": told["intent_id"], "factor": {"kind": "password", "password": "the gate's own"}}
    await refused(gate, path, wrong, "password_wrong")
    signed = await sent(gate, path, {"intent_id": told["intent_id"]})
    facts = (await leaf_of(trade, signed["log"]["event_id"]))["facts"]
    assert (facts["organisation"], facts["role"]) == (str(trade.world.carrier.id), "driver")
    assert facts["device_of"] == str(trade.world.receiver.id)
    [mine] = [one for one in (await trade.standing(manifest_id))["manifest"]["signatures"] if one["act"] == "pick_up"]
    assert mine["person"] == PEOPLE["driver"][0]


async def test_only_people_of_a_party_sign_on_the_device_of_a_party(trade: Trade) -> None:
    manifest_id, gate = await trade.filed(await trade.labelled()), await trade.gate()
    path = f"/manifests/{manifest_id}/pick-up/preparation"
    for login in ("stranger", "nobody at all"):
        await refused(gate, path, {"signer_login": login}, "signer_unknown")
    await refused(await trade.stranger(), path, {"signer_login": "driver"}, "manifest_unknown", status=404)
    # It is still her step: the gate's own people cannot take it, nor can a carrier's person take the gate's.
    await refused(gate, path, {"signer_login": "owner"}, "other_organisation", status=403)


async def test_one_person_does_not_sign_for_two_sides(trade: Trade) -> None:
    """The driver also works for the receiver."""
    async with writing(trade.served.owner) as session:
        statement = """
        insert into memberships (id, person_id, organisation_id, role, viewer, created_at)
        select :id, person.id, :firm, 'owner', :viewer, now() from people person where person.login = 'driver'
        """
        firm = trade.world.receiver.id
        await session.execute(text(statement), {"id": new_id(), "firm": firm, "viewer": f"o:{firm}"})
    manifest_id = await trade.filed(await trade.labelled())
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    both = trade.served.visitor()
    await both.sign_in_at_api("driver")
    me = await asked(both, "/me")
    assert me["organisation_id"] == str(trade.world.carrier.id)
    async with writing(trade.served.owner) as session:
        move = """
        update sign_in_sessions set membership_id =
          (select m.id from memberships m where m.person_id = :me and m.organisation_id = :firm)
        where token_hash = :hash
        """
        hashed = hashlib.sha256((both.bearer or "").encode()).digest()
        await session.execute(text(move), {"me": me["person_id"], "firm": trade.world.receiver.id, "hash": hashed})
    assert (await asked(both, "/me"))["organisation_id"] == str(trade.world.receiver.id)
    problem = await refused(both, f"/manifests/{manifest_id}/arrival", {}, "same_person_two_sides")
    assert problem["errors"][0]["article"] == "令23 art. 10–13"
    await sent(await trade.gate(), f"/manifests/{manifest_id}/arrival", {})


async def test_who_may_look_may_not_sign(trade: Trade) -> None:
    manifest_id = await trade.drafted(await trade.labelled())
    for login in ("viewer", "filer"):
        visitor = await trade.served.api_visitor(login)
        problem = await sent(visitor, f"/manifests/{manifest_id}/filing", {}, expect=403)
        assert problem["code"] == "may_not_sign"
        assert problem["detail_zh"]
