"""A load under way that goes to another receiver: signed by the shipper, permitted anew, booked anew (令23 art. 11)."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.acts import BY_PASSWORD, Receive, SignAct
from tests.support.journeys import permitted
from tests.support.refused import balances, codes_broken, events_about
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import filing, gate, queries, receiving, redirecting, transporting
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder, Stale
from wastetrack.manifests.journey_model import Redirect as Command
from wastetrack.manifests.journey_queries import redirections_of
from wastetrack.manifests.model import ScanAtGate, SignedStep
from wastetrack.manifests.preparing import prepare
from wastetrack.mass import Mass
from wastetrack.reports.duties_journeys import journeys_duties

LOADED, TURNED, THERE, TAKEN = (AT + timedelta(hours=hours) for hours in (1, 2, 3, 5))
Redirect = partial(Command, signing=BY_PASSWORD)


async def on_the_road(session: WriteSession, world: World, drums: list[Container]) -> UUID:
    """A load under way to the incinerator; the stranger's works could take it too."""
    await permitted(session, world.stranger)
    manifest_id = await filed(session, world, drums)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)
    return manifest_id


def elsewhere(manifest_id: UUID, world: World) -> Command:
    """To the stranger's works."""
    return Redirect(
        manifest_id=manifest_id, receiver_site_id=world.stranger.site.id, method="R9", reason="焚烧炉临时停炉"
    )


async def booked(session: WriteSession) -> dict[UUID, int]:
    """What each permit holder's lines have booked, by holder."""
    rows = await session.execute(
        text(
            "select permit.organisation_id, sum(use.booked_g) from permit_uses use "
            "join permit_items item on item.id = use.permit_item_id join permits permit on permit.id = item.permit_id "
            "group by permit.organisation_id"
        )
    )
    return {holder: int(grams) for holder, grams in rows if grams}


async def test_it_is_received_by_the_other_one_and_the_permits_follow(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await on_the_road(town_session, world, [drum])
    assert await booked(town_session) == {world.receiver.id: 180_000}
    with pytest.raises(ManifestUnknown):
        await queries.manifest_row(town_session, world.stranger.owner, manifest_id)
    row, leaf = await redirecting.redirect(
        town_session, world.generator.owner, elsewhere(manifest_id, world), at=TURNED
    )
    assert (row.state, row.receiver_id, row.method) == ("picked_up", world.stranger.id, "R9")
    assert await booked(town_session) == {world.stranger.id: 180_000}
    (redirection,) = await redirections_of(town_session, manifest_id)
    assert (redirection.id, redirection.old_receiver_id) == (leaf.id, world.receiver.id)
    event = (await events_about(town_session, manifest_id))[-1]
    assert (event["kind"], event["facts"]["old_receiver_site"]) == (
        "manifest_redirected",
        str(world.receiver.site.id),
    )
    # The old receiver's gate has no say any more, the new one's has.
    with pytest.raises(Forbidden):
        await transporting.arrive(town_session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=THERE)
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    scan = ScanAtGate(
        manifest_id=manifest_id,
        scan_id=new_id(),
        code=DigitalCode.parse(drum.digital_code),
        gross=Mass.parse("200 kg"),
    )
    await gate.scan_at_gate(town_session, world.stranger.people[Role.GATE_OPERATOR], scan, at=TAKEN)
    town_session.expunge_all()
    manifest, _, _ = await receiving.receive(
        town_session, world.stranger.owner, Receive(manifest_id=manifest_id), at=TAKEN
    )
    assert manifest.state == "received"
    assert await balances(town_session, manifest_id) == {}
    assert await balances(town_session, world.stranger.site.id) == {"stored": 180_000}


async def test_the_former_receiver_is_told_until_it_takes_note(town_session: WriteSession, world: World) -> None:
    manifest_id = await on_the_road(town_session, world, [await a_drum(town_session, world)])
    _, leaf = await redirecting.redirect(town_session, world.generator.owner, elsewhere(manifest_id, world), at=TURNED)
    (duty,) = await journeys_duties(town_session, world.receiver.owner, TURNED)
    assert duty.title == "A load does not come to you any more"
    with pytest.raises(Forbidden):
        await redirecting.note_redirection(town_session, world.stranger.owner, leaf.id, at=THERE)
    with pytest.raises(NotFound):
        await redirecting.note_redirection(town_session, world.receiver.owner, new_id(), at=THERE)
    await redirecting.note_redirection(town_session, world.receiver.owner, leaf.id, at=THERE)
    with pytest.raises(OutOfOrder):
        await redirecting.note_redirection(town_session, world.receiver.owner, leaf.id, at=THERE)
    assert await journeys_duties(town_session, world.receiver.owner, THERE) == []


async def test_the_words_name_the_new_receiver(town_session: WriteSession, world: World) -> None:
    manifest_id = await on_the_road(town_session, world, [await a_drum(town_session, world)])
    told = {"receiver_site_id": str(world.stranger.site.id), "method": "R9"}
    asked = Asked(step=SignedStep.REDIRECTION, subject_id=manifest_id, reason="停炉", told=told)
    intent = await prepare(town_session, world.generator.people[Role.SIGNER], asked, at=TURNED)
    name = await town_session.scalar(
        text("select coalesce(name_en, name) from organisations where id = :id"), {"id": world.stranger.id}
    )
    assert f"to {name}, method R9" in intent.words["en"]
    assert await redirections_of(town_session, manifest_id) == []  # only prepared


async def test_the_other_one_must_be_permitted_and_is_asked_everything(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    good = elsewhere(manifest_id, world)
    owner = world.generator.owner
    with pytest.raises(OutOfOrder):  # before the pick-up it is withdrawn and filed anew
        await redirecting.redirect(town_session, owner, good, at=AT)
    await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)

    async def why(command: Command) -> list[str]:
        return await codes_broken(redirecting.redirect(town_session, owner, command, at=TURNED))

    assert await why(good) == ["permit_missing"]
    assert await why(replace(good, reason=" ")) == ["permit_missing", "reason_missing"]
    same = replace(good, receiver_site_id=world.receiver.site.id, method="D10")
    assert await why(same) == ["receiver_is_the_same"]
    home = replace(good, receiver_site_id=world.generator.site.id)
    assert await why(home) == ["permit_missing", "receiver_is_shipper"]
    await permitted(town_session, world.stranger, quantity="0.1 t")
    assert await why(good) == ["permit_quantity_exceeded"]
    assert await why(replace(good, signing=None, method="D99")) != []


async def test_only_the_shipper_s_signers_and_only_what_they_have_seen(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await on_the_road(town_session, world, [await a_drum(town_session, world)])
    good = elsewhere(manifest_id, world)
    for other in (
        world.receiver.owner,
        world.carrier.owner,
        world.inspector,
        world.generator.people[Role.FILER],
    ):
        with pytest.raises(Forbidden):
            await redirecting.redirect(town_session, other, good, at=TURNED)
    with pytest.raises(Stale):
        await redirecting.redirect(town_session, world.generator.owner, replace(good, version=1), at=TURNED)
    unsigned = replace(good, signing=None)
    assert await codes_broken(redirecting.redirect(town_session, world.generator.owner, unsigned, at=TURNED)) == [
        "factor_missing"
    ]


async def test_a_number_is_voided_before_the_pick_up_alone(town_session: WriteSession, world: World) -> None:
    manifest_id = await on_the_road(town_session, world, [await a_drum(town_session, world)])
    for work in (filing.void_manifest, filing.cancel_manifest):
        with pytest.raises(OutOfOrder):
            await work(town_session, world.generator.owner, SignAct(manifest_id=manifest_id, reason="填错"), at=TURNED)
