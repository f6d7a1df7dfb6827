"""Each change is made with its one scope alone, and refused with all the others: on the whole way of a transfer."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from webauthn.helpers import bytes_to_base64url

from tests.api.test_access import READS, WRITES, filled, things
from tests.support.machines_served import system
from tests.support.served import Visitor
from tests.support.stored import drum_for, person
from tests.support.trade import API, Trade
from wastetrack import clock
from wastetrack.auth.machine_tables import RegisteredKey
from wastetrack.auth.model import Scope
from wastetrack.db.session import writing
from wastetrack.ids import new_id

NEEDED = {
    "/containers": Scope.LABEL,
    "/containers/storing": Scope.LABEL,
    "/containers/repacking": Scope.LABEL,
    "/containers/labels.pdf": Scope.READ,
    "/label-prints": Scope.LABEL,
    "/containers/{free}/weighing": Scope.LABEL,
    "/sites/{site}/reports/{month}": Scope.FILE,
    "/manifests": Scope.FILE,
    "/manifests/foreseen": Scope.READ,
    "/manifest-templates": Scope.FILE,
    "/manifest-templates/{template}/renaming": Scope.FILE,
    "/manifest-templates/{template}/removal": Scope.FILE,
    "/manifests/{draft}/{step}/preparation": Scope.SIGN,
    "/manifests/{draft}/filing": Scope.SIGN,
    "/manifests/{draft}/cancellation": Scope.SIGN,
    "/manifests/{another}/voiding": Scope.SIGN,
    "/manifests/{manifest}/loading-check": Scope.SIGN,
    "/manifests/{manifest}/pick-up": Scope.CARRY,
    "/manifests/{manifest}/hand-over": Scope.CARRY,
    "/manifests/{manifest}/arrival": Scope.CARRY,
    "/manifests/{manifest}/scans": Scope.GATE,
    "/manifests/{at_gate}/incidents": Scope.CARRY,
    "/manifests/{at_gate}/mismatches": Scope.GATE,
    "/manifests/{manifest}/receipt": Scope.GATE,
    "/manifests/{manifest}/corrections": Scope.GATE,
    "/corrections/{correction}/answer/preparation": Scope.FILE,
    "/corrections/{correction}/answer": Scope.FILE,
    "/manifests/{manifest}/confirmation": Scope.GATE,
    "/approvals": Scope.SIGN,
    "/approvals/{approval}/copy": Scope.SIGN,
    "/approvals/{approval}/steps": Scope.SIGN,
    "/treatments": Scope.TREAT,
    "/containers/{recoded}/recoding": Scope.LABEL,
    "/stock-takes/{stock_take}/counting": Scope.LABEL,
    "/stock-takes/{stock_take}/finishing": Scope.LABEL,
    "/stock-takes/{dropped}/dropping": Scope.LABEL,
    "/sites/{site}/stock-takes": Scope.LABEL,
    "/stores/{empty}/closing": Scope.REGISTER,
    "/scales": Scope.REGISTER,
    "/scales/{scale}": Scope.REGISTER,
    "/scales/{scale}/readings": Scope.WEIGH,
    "/scales/{gone_scale}/ending": Scope.REGISTER,
    "/sites/{site}/opening-stock": Scope.LABEL,
    "/sites/{other_site}/opening-stock/closing": Scope.REGISTER,
    "/sites/{other_site}/storage-extensions": Scope.REGISTER,
    "/treatments/begun": Scope.TREAT,
    "/treatments/{begun}/finish": Scope.TREAT,
    "/treatments/{running}/withdrawal": Scope.TREAT,
}


async def narrowed(trade: Trade, who: Visitor, *scopes: Scope) -> Visitor:
    """A program with a token of this person, for these scopes alone."""
    body = {"name": f"narrowed {new_id()}", "days": 1, "scopes": [scope.value for scope in scopes]}
    made = await who.send_json(f"{API}/tokens", body)
    assert made.status_code == 201, made.text
    program = trade.served.visitor()
    program.bearer, program.password = made.json()["secret"], who.password
    return program


async def test_each_change_needs_its_one_scope_and_nothing_else(trade: Trade) -> None:
    assert NEEDED.keys() == WRITES.keys()
    places = await things(trade)
    for template, (_, for_right, who, body) in WRITES.items():
        path, signed_in, needed = API + template.format(**places), await person(trade, who), NEEDED[template]
        content = filled(body, places)
        if "drum" in content:
            content = drum_for(template, trade)
        elif "plan" in content:
            content = trade.plan({"id": places["free"]})
        without = await narrowed(trade, signed_in, *(scope for scope in Scope if scope is not needed))
        refused = await without.send_json(path, content)
        assert refused.status_code == 403, f"{path}: {refused.text}"
        assert refused.headers.get("www-authenticate") == f'Bearer error="insufficient_scope", scope="{needed}"', path
        answered = await (await narrowed(trade, signed_in, needed)).send_json(path, content)
        assert answered.status_code == for_right, f"{path}: {answered.text}"
        if template.endswith("/corrections"):
            places["correction"] = answered.json()["correction"]["id"]


async def test_looking_needs_read_and_taking_away_needs_prove_too(trade: Trade) -> None:
    places = await things(trade)
    for template, (_, for_right, who) in READS.items():
        path, person = API + template.format(**places), await getattr(trade, who)()
        others = await narrowed(trade, person, *(scope for scope in Scope if scope is not Scope.READ))
        refused = await others.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope"), path
        reader = await narrowed(trade, person, Scope.READ)
        expected = 403 if "/bundle" in template else for_right
        assert (await reader.get(path)).status_code == expected, path
    both = await narrowed(trade, await trade.inspector(), Scope.READ, Scope.PROVE)
    assert (await both.get(f"{API}/manifests/{places['manifest']}/bundle?why=complaint")).status_code == 200


async def test_what_a_person_keeps_is_changed_by_no_narrowed_token_but_the_widest(trade: Trade) -> None:
    """A program that may look sees what its person has saved; it does not write it, nor does one that works."""
    inspector = await trade.inspector()
    search, columns = {"page": "/containers", "name": f"{new_id()}"}, {"page": "/containers", "columns": ["code"]}
    kept = (await inspector.send_json(f"{API}/searches", search)).json()["id"]
    ways = (("", search, 201), ("/columns", columns, 200), (f"/{kept}", {"name": f"{new_id()}"}, 200))
    reader = await narrowed(trade, inspector, Scope.READ)
    worker = await narrowed(trade, inspector, *(scope for scope in Scope if scope is not Scope.ADMINISTER))
    widest = await narrowed(trade, inspector, Scope.ADMINISTER)
    for path, body, for_right in (*ways, (f"/{kept}/deletion", {}, 200)):
        for program in (reader, worker):
            refused = await program.send_json(f"{API}/searches{path}", body)
            assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope"), path
        assert kept in (await reader.get(f"{API}/searches")).text
        answered = await widest.send_json(f"{API}/searches{path}", body)
        assert answered.status_code == for_right, f"{path}: {answered.text}"
    assert kept not in (await reader.get(f"{API}/searches")).text


async def signing_key(trade: Trade, program: Visitor) -> Callable[[str], dict[str, str]]:
    """Give a system a key of its own; what is given back signs a statement with it."""
    key, me = Ed25519PrivateKey.generate(), (await program.get(f"{API}/me")).json()
    row = RegisteredKey(
        id=new_id(),
        organisation_id=UUID(me["organisation_id"]),
        person_id=UUID(me["person_id"]),
        name="ERP",
        public_key=key.public_key().public_bytes_raw(),
        challenge=bytes(32),
        registered_by=trade.world.generator.owner.membership_id,
        created_at=clock.now(),
        proved_at=clock.now(),
        valid_until=clock.now() + timedelta(days=1),
    )
    async with writing(trade.served.owner) as session:
        session.add(row)

    def sign(statement: str) -> dict[str, str]:
        signature = bytes_to_base64url(key.sign(statement.encode()))
        return {"kind": "system_key", "key_id": str(row.id), "signature": signature}

    return sign


async def test_what_a_system_does_carries_its_name(trade: Trade) -> None:
    program = await system(trade.served, "read", "label", "file", "sign")
    name = (await program.get(f"{API}/me")).json()["person_name"]
    assert name.startswith("ERP")
    drum = (await program.send_json(f"{API}/containers", trade.drum())).json()["container"]
    manifest = (await program.send_json(f"{API}/manifests", trade.plan(drum))).json()
    sign = await signing_key(trade, program)
    path = f"{API}/manifests/{manifest['id']}/filing"
    told = (await program.send_json(f"{path}/preparation", {})).json()
    body = {"intent_id": told["intent_id"], "factor": sign(told["statement"])}
    filed = await program.send_json(path, body)
    assert filed.status_code == 200, filed.text
    seen = (await (await trade.carrier()).get(f"{API}/manifests/{manifest['id']}")).json()["manifest"]
    assert [signature["person"] for signature in seen["signatures"]] == [name]
