"""The chain as it is gathered: complete, as known on a day, and never more than what its reader may see."""

import dataclasses
from typing import Any

import pytest

from tests.support.chains import Split, corrected, shown, split_and_received, treated
from tests.support.served import served
from tests.support.trade import Trade, trade
from wastetrack import clock
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import look_as
from wastetrack.db.session import reading
from wastetrack.reports.chains import gathering
from wastetrack.reports.chains.gathering import Asked, Chain, ChainOf
from wastetrack.reports.chains.model import ChainDirection

pytestmark = pytest.mark.commits
__all__ = ["served", "trade"]


async def gathered(trade: Trade, actor: Actor, of: ChainOf, subject_id: object, **more: Any) -> Chain:  # noqa: ANN401
    """The chain as this actor sees it, by the application's own role."""
    async with reading(trade.app.state.engine) as session:
        await look_as(session, actor)
        return await gathering.chain(session, actor, Asked(of=of, subject_id=subject_id, **more))  # type: ignore[arg-type]


def stages(chain: dict[str, Any]) -> dict[str, list[int]]:
    """The masses at each stage, those that were corrected left out."""
    found: dict[str, list[int]] = {}
    for step in chain["steps"]:
        if not step["struck"]:
            found.setdefault(step["stage"], []).append(step["mass_g"])
    return {stage: sorted(masses) for stage, masses in found.items()}


async def test_a_drum_is_followed_from_its_label_to_the_slag(trade: Trade) -> None:
    split = await split_and_received(trade)
    other = await trade.labelled()
    await trade.received(other)
    await treated(trade, *split.halves, other)
    chain = await shown(trade, "inspector", "container", split.drum["id"])
    assert stages(chain) == {
        "made": [180_000],
        "repacked": [79_500, 100_000],
        "carried": [79_500, 100_000],
        "weighed_in": [79_500, 99_500],
        "kept": [180_000],
        "treated": [359_000],
        "result": [20_000],
    }
    burnt = next(step for step in chain["steps"] if step["stage"] == "treated")
    assert burnt["share"] == pytest.approx(179_000 / 359_000)
    assert burnt["standing_g"] == 339_000
    flows = {(one["delta_g"], one["within_tolerance"]) for one in chain["flows"] if one["delta_g"]}
    assert (-500, True) in flows
    assert sum(one["delta_g"] for one in chain["flows"]) == -1_000
    slag = next(step for step in chain["steps"] if step["stage"] == "result")
    back = await shown(trade, "receiver", "container", slag["container_id"], "?direction=backwards")
    assert split.drum["id"] not in {step["container_id"] for step in back["steps"]}, "it was emptied at the shipper's"
    assert {one["id"] for one in (*split.halves, other)} <= {step["container_id"] for step in back["steps"]}


async def test_what_is_not_in_sight_is_told_as_that(trade: Trade) -> None:
    """The shipper sees its own drum go into the furnace; of what else was in there it sees a number and a mass."""
    split = await split_and_received(trade)
    batch = await treated(trade, *split.halves)
    seen = await shown(trade, "owner", "container", split.halves[0]["id"])
    hidden = [step for step in seen["steps"] if step["not_in_sight"]]
    assert [(step["stage"], step["count"], step["mass_g"], step["digital_code"]) for step in hidden] == [
        ("result", 1, 20_000, "")
    ], "the slag is the receiver's"
    assert await shown(trade, "stranger", "container", split.drum["id"], expect=404)
    assert await shown(trade, "stranger", "manifest", split.manifest_id, expect=404)
    assert await shown(trade, "stranger", "batch", batch["batch"]["id"], expect=404)
    site = await shown(trade, "stranger", "site", str(trade.world.generator.site.id))
    assert site["steps"] == []


async def test_an_authority_of_another_region_sees_nothing(trade: Trade) -> None:
    split = await split_and_received(trade)
    inspector = trade.world.inspector
    elsewhere = dataclasses.replace(inspector, viewer="r:3701")
    subjects = {
        ChainOf.CONTAINER: split.drum["id"],
        ChainOf.MANIFEST: split.manifest_id,
        ChainOf.SITE: trade.world.generator.site.id,
        ChainOf.ORGANISATION: trade.world.generator.id,
    }
    for of, subject_id in subjects.items():
        here = await gathered(trade, inspector, of, subject_id)
        assert here.graph.nodes, of
        assert here.graph.wrong() == []
        away = await gathered(trade, elsewhere, of, subject_id)
        assert (away.graph.nodes, away.events, away.names) == ((), (), {}), of


async def test_as_known_then_is_what_was_shown_then(trade: Trade) -> None:
    split = await split_and_received(trade)
    then = await shown(trade, "inspector", "manifest", split.manifest_id)
    at = clock.now().isoformat().replace("+00:00", "Z")
    await corrected(trade, split, 99_900)
    await treated(trade, *split.halves)
    now = await shown(trade, "inspector", "manifest", split.manifest_id)
    assert [step["mass_g"] for step in now["steps"] if step["struck"]] == [99_500]
    assert stages(now)["weighed_in"] == [79_500, 99_900]
    past = await shown(trade, "inspector", "manifest", split.manifest_id, f"?known_until={at}")
    assert past["known_until"] is not None
    # Only its place in the tree may have come meanwhile.
    placed = [[{**step, "log_index": None} for step in side["steps"]] for side in (past, then)]
    assert placed[0] == placed[1]
    assert (past["flows"], past["starts"]) == (then["flows"], then["starts"])


@pytest.mark.parametrize("of", [ChainOf.VEHICLE, ChainOf.SITE, ChainOf.ORGANISATION, ChainOf.PERMIT, ChainOf.BATCH])
async def test_the_chain_of_anything_holds_the_same_load(trade: Trade, split: Split, of: ChainOf) -> None:
    world = trade.world
    async with reading(trade.served.owner) as session:
        driver = await session.driver()
        ids = {
            ChainOf.VEHICLE: await driver.fetchval("select id from vehicles where plate = $1", world.plate),
            ChainOf.SITE: world.receiver.site.id,
            ChainOf.ORGANISATION: world.carrier.id,
            ChainOf.PERMIT: await driver.fetchval(
                "select permit_id from permit_items item join permit_bookings booked "
                "on booked.permit_item_id = item.id where booked.manifest_id = $1 limit 1",
                split.manifest_id,
            ),
            ChainOf.BATCH: await driver.fetchval(
                "select treatment_batch_id from containers where id = $1", split.halves[0]["id"]
            ),
        }
    chain = await shown(trade, "inspector", of.value, str(ids[of]))
    assert {half["id"] for half in split.halves} <= set(chain["starts"])
    assert split.drum["id"] in {step["container_id"] for step in chain["steps"]}
    early = "?since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z"
    if of is not ChainOf.BATCH:
        assert (await shown(trade, "inspector", of.value, str(ids[of]), early))["steps"] == []


@pytest.fixture(scope="module")
async def split(trade: Trade) -> Split:
    """Received and treated."""
    found = await split_and_received(trade)
    await treated(trade, *found.halves)
    return found


@pytest.mark.usefixtures("split")
async def test_a_chain_costs_four_statements_however_long(trade: Trade) -> None:
    sent: list[str] = []
    async with reading(trade.app.state.engine) as session:
        await look_as(session, trade.world.inspector)
        driver = await session.driver()
        driver.add_query_logger(lambda record: sent.append(record.query))
        site = trade.world.generator.site.id
        found = await gathering.chain(session, trade.world.inspector, Asked(of=ChainOf.SITE, subject_id=site))
    assert len(found.graph.starts) >= 3
    assert len([one for one in sent if "select" in one]) == 4


async def test_it_says_where_it_was_cut(trade: Trade, split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_STARTS", 1)
    inspector = trade.world.inspector
    found = await gathered(trade, inspector, ChainOf.MANIFEST, split.manifest_id)
    assert found.cut.starts
    assert found.graph.wrong() == []
    monkeypatch.setattr(gathering, "MOST_EVENTS", 5)
    assert (await gathered(trade, inspector, ChainOf.SITE, trade.world.generator.site.id)).cut.events


async def test_forwards_and_backwards_are_parts(trade: Trade, split: Split) -> None:
    whole, fore, back = [
        await gathered(trade, trade.world.inspector, ChainOf.CONTAINER, split.halves[0]["id"], direction=way)
        for way in (ChainDirection.BOTH, ChainDirection.FORWARDS, ChainDirection.BACKWARDS)
    ]
    names = [{node.id for node in found.graph.nodes} for found in (whole, fore, back)]
    assert names[1] | names[2] <= names[0]
    assert names[1] != names[2]
