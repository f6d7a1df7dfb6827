"""The log: a receipt at once, a proof a moment later, and a bundle that names what was changed in it."""

import json
from base64 import b64decode

from tests.support.trade import API, Trade, asked, sent
from wastetrack.reports import bundle
from wastetrack.transparency import checkpoint, proofs, receipt
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.note import Verifier


async def verifier_of(trade: Trade) -> Verifier:
    """The key, as a stranger gets it."""
    return Verifier.parse((await (await trade.nobody()).get(f"{API}/log/key")).text)


async def test_every_change_is_answered_with_a_receipt_that_verifies(trade: Trade) -> None:
    verifier = await verifier_of(trade)
    made = await sent(await trade.shipper(), "/containers", trade.drum(), expect=201)
    promise = receipt.read(made["log"]["receipt"])
    receipt.verify(promise, verifier)
    leaf = await asked(await trade.shipper(), f"/log/leaves/{made['log']['event_id']}")
    assert leaf_hash(leaf["leaf"].encode()) == promise.leaf_hash
    assert leaf["facts"]["net_g"] == 180_000


async def test_an_event_is_proved_against_a_signed_checkpoint(trade: Trade) -> None:
    verifier = await verifier_of(trade)
    made = await sent(await trade.shipper(), "/containers", trade.drum(), expect=201)
    event_id = made["log"]["event_id"]
    proof = await asked(await trade.shipper(), f"/log/proofs/inclusion?event_id={event_id}")
    tip = checkpoint.verify(proof["checkpoint"], verifier)
    assert tip.size == proof["size"]
    proofs.verify_inclusion(
        leaf_hash=bytes.fromhex(proof["leaf_hash"]),
        index=proof["log_index"],
        size=tip.size,
        proof=[b64decode(one) for one in proof["proof"]],
        root=tip.root,
    )


async def test_a_witness_sees_that_the_tree_only_grows(trade: Trade) -> None:
    verifier, nobody = await verifier_of(trade), await trade.nobody()

    async def grown() -> checkpoint.Checkpoint:
        made = await sent(await trade.shipper(), "/containers", trade.drum(), expect=201)
        await asked(await trade.shipper(), f"/log/proofs/inclusion?event_id={made['log']['event_id']}")
        return checkpoint.verify((await nobody.get(f"{API}/log/checkpoint")).text, verifier)

    old, new = await grown(), await grown()
    assert old.size < new.size
    given = (await nobody.get(f"{API}/log/proofs/consistency?from={old.size}&to={new.size}")).json()
    proofs.verify_consistency(
        size1=old.size,
        root1=old.root,
        size2=new.size,
        root2=new.root,
        proof=[b64decode(one) for one in given["proof"]],
    )
    assert (await nobody.get(f"{API}/log/checkpoint?size={old.size}")).text.startswith(old.text())
    for path in (f"checkpoint?size={new.size + 1}", f"proofs/consistency?from=1&to={new.size + 1}"):
        assert (await nobody.get(f"{API}/log/{path}")).status_code == 404


async def test_a_bundle_continues_the_checkpoint_that_its_reader_kept(trade: Trade) -> None:
    verifier = await verifier_of(trade)
    inspector = await trade.inspector()
    first = await trade.received(await trade.labelled())
    kept = json.loads((await inspector.get(f"{API}/manifests/{first}/bundle?why=complaint")).content)
    size = checkpoint.verify(kept["checkpoint"], verifier).size
    second = await trade.received(await trade.labelled())
    file = await inspector.get(f"{API}/manifests/{second}/bundle?since={size}&personal=true&why=complaint")
    verdict = bundle.verify_file(file.content, str(verifier))
    assert verdict.holds, [check.sentence() for check in verdict.checks if not check.holds]
    tree = json.loads(file.content)
    assert tree["earlier"]["checkpoint"] == kept["checkpoint"]
    assert all(event["personal"] for event in tree["events"])
    assert not any(event["personal"] for event in kept["events"])


async def test_a_changed_bundle_names_the_event(trade: Trade) -> None:
    verifier = await verifier_of(trade)
    manifest_id = await trade.received(await trade.labelled())
    content = (await (await trade.inspector()).get(f"{API}/manifests/{manifest_id}/bundle?why=complaint")).content
    changed = content.replace(b'\\"measured_g\\":180000', b'\\"measured_g\\":170000', 1)
    assert changed != content
    verdict = bundle.verify_file(changed, str(verifier))
    assert not verdict.holds
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.kind == "container_scanned"


async def test_a_driver_does_not_carry_proofs_away(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    carrier = await trade.carrier()
    assert (await asked(carrier, f"/manifests/{manifest_id}/bundle", expect=403))["code"] == "may_not_prove"


async def test_the_bundle_of_a_draft_proves_the_labels_of_its_drums(trade: Trade) -> None:
    manifest_id = await trade.drafted(await trade.labelled())
    file = await (await trade.shipper()).get(f"{API}/manifests/{manifest_id}/bundle")
    assert [event["kind"] for event in file.json()["events"]] == ["container_labelled"]
