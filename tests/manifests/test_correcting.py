"""A mass that was signed and is wrong: nothing changes before the shipper consents, and nothing is ever overwritten."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.acts import AnswerCorrection, Receive, RequestCorrection
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, TODAY, World, a_drum, arrived, received, scanned, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import queries as containers
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Treat, WeighContainer
from wastetrack.containers.queries import Container
from wastetrack.containers.storing import weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import gate, model, receiving
from wastetrack.manifests.correcting import answer_correction, request_correction
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import Mass

LATER = AT + timedelta(days=1)
TOO_LATE = AT + timedelta(days=12)


async def taken_in(session: WriteSession, world: World) -> tuple[UUID, Container]:
    """A drum declared with 180 kg and received with 179."""
    drum = await a_drum(session, world, "180 kg")
    manifest_id = await received(session, world, [drum], "199 kg")
    session.expunge_all()
    return manifest_id, drum


def wrong(
    manifest_id: UUID, drum: Container, mass: str = "175 kg", reason: str = "地磅未归零"
) -> model.RequestCorrection:
    """The receiver says that it was so much."""
    return RequestCorrection(manifest_id=manifest_id, container_id=drum.id, measured=Mass.parse(mass), reason=reason)


async def requested(session: WriteSession, world: World, command: model.RequestCorrection) -> UUID:
    """The id of a request that waits."""
    correction, _ = await request_correction(session, world.receiver.owner, command, at=LATER)
    return correction.id


async def test_with_consent_the_entry_is_reversed_and_restated(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    correction_id = await requested(town_session, world, wrong(manifest_id, drum))
    assert await balances(town_session, world.receiver.site.id) == {"stored": 179_000}
    answer = AnswerCorrection(correction_id=correction_id, consent=True)
    correction, _ = await answer_correction(town_session, world.generator.owner, answer, at=LATER)
    assert correction.state == "consented"
    assert await balances(town_session, world.receiver.site.id) == {"stored": 175_000}
    assert await balances(town_session, manifest_id) == {"discrepancy:weighing": 5_000}
    town_session.expunge_all()
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    assert await town_session.scalar(text("select sum(booked_g) from permit_uses")) == 175_000
    scan, _, request, reversal, consent = (await events_about(town_session, drum.id))[-5:]
    assert [request["kind"], reversal["kind"], consent["kind"]] == [
        "correction_requested",
        "entry_reversed",
        "correction_consented",
    ]
    assert reversal["facts"]["reverses"] == scan["id"]
    assert [line["g"] for line in reversal["postings"]] == [-line["g"] for line in scan["postings"]]
    with pytest.raises(OutOfOrder):
        await answer_correction(town_session, world.generator.owner, answer, at=LATER)


async def test_a_mass_can_be_corrected_again(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    for mass in ("175 kg", "178 kg"):
        correction_id = await requested(town_session, world, wrong(manifest_id, drum, mass))
        answer = AnswerCorrection(correction_id=correction_id, consent=True)
        await answer_correction(town_session, world.generator.owner, answer, at=LATER)
        town_session.expunge_all()
    assert await balances(town_session, manifest_id) == {"discrepancy:weighing": 2_000}
    assert await books_and_containers_agree(town_session, world.receiver.site.id)


async def test_one_refusal_with_its_reason_ends_it(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    correction_id = await requested(town_session, world, wrong(manifest_id, drum))
    refusal = AnswerCorrection(correction_id=correction_id, consent=False)
    work = answer_correction(town_session, world.generator.owner, refusal, at=LATER)
    assert await codes_broken(work) == ["reason_missing"]
    told = replace(refusal, reason="未见复磅单")
    correction, _ = await answer_correction(town_session, world.generator.owner, told, at=LATER)
    assert correction.state == "refused"
    assert await balances(town_session, world.receiver.site.id) == {"stored": 179_000}
    await requested(town_session, world, wrong(manifest_id, drum, "176 kg"))  # another may be asked for


async def test_an_unanswered_request_lapses_and_makes_room(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    correction_id = await requested(town_session, world, wrong(manifest_id, drum))
    work = request_correction(town_session, world.receiver.owner, wrong(manifest_id, drum, "176 kg"), at=LATER)
    assert await codes_broken(work) == ["correction_waits"]
    answer = AnswerCorrection(correction_id=correction_id, consent=True)
    with pytest.raises(OutOfOrder) as closed:
        await answer_correction(town_session, world.generator.owner, answer, at=TOO_LATE)
    assert closed.value.facts["state"] == "lapsed"
    again = wrong(manifest_id, drum, "176 kg")
    renewed, _ = await request_correction(town_session, world.receiver.owner, again, at=TOO_LATE)
    assert (renewed.state, renewed.measured_g) == ("requested", 176_000)
    kinds = [event["kind"] for event in await events_about(town_session, drum.id)][-3:]
    assert kinds == ["correction_requested", "correction_lapsed", "correction_requested"]
    answered = AnswerCorrection(correction_id=renewed.id, consent=True)
    await answer_correction(town_session, world.generator.owner, answered, at=TOO_LATE)
    assert await balances(town_session, world.receiver.site.id) == {"stored": 176_000}


async def test_goods_that_are_treated_are_not_corrected(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    correction_id = await requested(town_session, world, wrong(manifest_id, drum))
    burning = Treat(site_id=world.receiver.site.id, container_ids=(drum.id,), method="D10", treated_on=TODAY)
    await treat(town_session, world.receiver.owner, burning, at=LATER)
    answer = AnswerCorrection(correction_id=correction_id, consent=True)
    work = answer_correction(town_session, world.generator.owner, answer, at=LATER)
    assert await codes_broken(work) == ["mass_gone_on"]


async def test_goods_that_were_weighed_again_since_are_not_corrected(town_session: WriteSession, world: World) -> None:
    """A drum comes home, its owner weighs it again: the entry of the return is no longer what the drum weighs."""
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, reject_reason="桶身渗漏")
    _, back, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + timedelta(hours=5)
    )
    assert back is not None
    home = ScanAtGate(
        manifest_id=back.id,
        scan_id=new_id(),
        code=DigitalCode.parse(drum.digital_code),
        gross=Mass.parse("199 kg"),
    )
    await gate.scan_at_gate(town_session, world.generator.owner, home, at=AT + timedelta(hours=8))
    await receiving.receive(
        town_session, world.generator.owner, Receive(manifest_id=back.id), at=AT + timedelta(hours=9)
    )
    town_session.expunge_all()
    command = wrong(back.id, drum, "178 kg")
    correction, _ = await request_correction(town_session, world.generator.owner, command, at=LATER)
    again = WeighContainer(container_id=drum.id, weighing=weighed("177 kg"))
    await weigh_container(town_session, world.generator.owner, again, at=LATER)
    answer = AnswerCorrection(correction_id=correction.id, consent=True)
    work = answer_correction(town_session, world.receiver.owner, answer, at=LATER)
    assert await codes_broken(work) == ["mass_gone_on"]


async def test_what_cannot_be_corrected_says_why(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    owner = world.receiver.owner
    for command, rules in (
        (wrong(manifest_id, drum, "179 kg"), ["nothing_to_correct"]),
        (wrong(manifest_id, drum, reason=" "), ["reason_missing"]),
        (wrong(manifest_id, drum, "175 t"), ["mass_absurd"]),
        (wrong(manifest_id, drum, "0 kg"), ["mass_not_positive"]),
        (wrong(manifest_id, drum, "-1 kg", reason=""), ["mass_not_positive", "reason_missing"]),
    ):
        assert await codes_broken(request_correction(town_session, owner, command, at=LATER)) == rules
    other = await a_drum(town_session, world)
    with pytest.raises(NotFound):
        await request_correction(town_session, owner, wrong(manifest_id, other), at=LATER)
    under_way = await arrived(town_session, world, [other])
    work = request_correction(town_session, owner, wrong(under_way, other), at=LATER)
    assert await codes_broken(work) == ["not_received"]


async def test_the_receiver_asks_and_the_shipper_answers_and_nobody_else(
    town_session: WriteSession, world: World
) -> None:
    manifest_id, drum = await taken_in(town_session, world)
    for other in (world.generator.owner, world.carrier.owner, world.inspector):
        with pytest.raises(Forbidden):
            await request_correction(town_session, other, wrong(manifest_id, drum), at=LATER)
    with pytest.raises(ManifestUnknown):
        await request_correction(town_session, world.stranger.owner, wrong(manifest_id, drum), at=LATER)
    correction_id = await requested(town_session, world, wrong(manifest_id, drum))
    answer = AnswerCorrection(correction_id=correction_id, consent=True)
    viewer = world.generator.people[Role.VIEWER]
    for other in (world.receiver.owner, world.carrier.owner, world.inspector, viewer):
        with pytest.raises(Forbidden):
            await answer_correction(town_session, other, answer, at=LATER)
    with pytest.raises(NotFound):
        await answer_correction(town_session, world.stranger.owner, answer, at=LATER)
    with pytest.raises(NotFound):
        await answer_correction(town_session, world.generator.owner, replace(answer, correction_id=new_id()), at=LATER)
    # A correction leaves the container itself untouched until then.
    row = await containers.container(town_session, world.receiver.owner, drum.id)
    assert row.net_g == 179_000
