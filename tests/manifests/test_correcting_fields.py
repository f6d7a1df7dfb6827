"""Other sealed fields than a mass: who may ask, who must consent, and what stands there afterwards."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from tests.support import parties as made
from tests.support.acts import BY_PASSWORD, AnswerCorrection
from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, World, a_drum, arrived, filed, received
from wastetrack.auth.model import Actor, Role
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.manifests import filing, queries
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.correcting import answer_correction
from wastetrack.manifests.correcting_fields import request_field
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import CorrectionField as Of
from wastetrack.manifests.model import PartyRole, SignAct, SignedStep
from wastetrack.manifests.model import RequestFieldCorrection as Command
from wastetrack.manifests.preparing import prepare
from wastetrack.manifests.sealing import MAY_ASK, who_consents
from wastetrack.manifests.tables import CorrectionRow
from wastetrack.parties.registering import add_vehicle

LATER, TOO_LATE = AT + timedelta(days=1), AT + timedelta(days=12)
RequestField = partial(Command, signing=BY_PASSWORD)


def test_each_field_has_somebody_who_asks_and_another_who_consents() -> None:
    for field in Of:
        for asker in MAY_ASK[field]:
            assert who_consents(field, asker) is not asker
    assert who_consents(Of.OPINION, PartyRole.RECEIVER) is PartyRole.SHIPPER
    assert who_consents(Of.LEG_PLATE, PartyRole.SHIPPER) is PartyRole.CARRIER
    assert who_consents(Of.LEG_PLATE, PartyRole.CARRIER) is PartyRole.SHIPPER


def wrong(manifest_id: UUID, field: Of, new: str, *, leg: int = 0) -> Command:
    """What should stand there instead."""
    return RequestField(manifest_id=manifest_id, field=field, new=new, reason="录入有误", leg_position=leg)


async def asked(session: WriteSession, actor: Actor, command: Command) -> CorrectionRow:
    """A request that waits."""
    row, _ = await request_field(session, actor, command, at=LATER)
    return row


async def test_a_plate_is_corrected_with_the_carrier_s_consent(town_session: WriteSession, world: World) -> None:
    manifest_id = await arrived(town_session, world, [await a_drum(town_session, world)])
    spare = await add_vehicle(town_session, made.platform_operator(), made.vehicle_command(world.carrier.id), at=AT)
    shipper = world.generator.people[Role.FILER]
    correction = await asked(town_session, shipper, wrong(manifest_id, Of.LEG_PLATE, spare.plate, leg=1))
    assert (correction.old_text, correction.new_text) == (world.plate, spare.plate)
    (leg,) = await queries.legs(town_session, manifest_id)
    assert leg.vehicle_id != spare.id  # nothing changes before the consent
    answer = AnswerCorrection(correction_id=correction.id, consent=True)
    for other in (world.generator.owner, world.receiver.owner, world.inspector):
        with pytest.raises(Forbidden):
            await answer_correction(town_session, other, answer, at=LATER)
    row, _ = await answer_correction(town_session, world.carrier.owner, answer, at=LATER)
    assert row.state == "consented"
    (leg,) = await queries.legs(town_session, manifest_id)
    assert leg.vehicle_id == spare.id
    events = (await events_about(town_session, manifest_id))[-2:]
    assert [event["kind"] for event in events] == ["correction_requested", "correction_consented"]
    assert {event["facts"]["field"] for event in events} == {"leg_plate"}
    with pytest.raises(OutOfOrder):
        await answer_correction(town_session, world.carrier.owner, answer, at=LATER)


@pytest.mark.parametrize(
    ("field", "leg", "asker", "answerer"),
    [
        (Of.REMARKS, 0, "generator", "receiver"),
        (Of.OPINION, 0, "receiver", "generator"),
        (Of.LEG_START, 1, "carrier", "generator"),
        (Of.LEG_END, 1, "generator", "carrier"),
    ],
)
async def test_each_field_is_restated_by_the_other_s_consent(  # noqa: PLR0917  a table of cases
    town_session: WriteSession, world: World, field: Of, leg: int, asker: str, answerer: str
) -> None:
    manifest_id = await received(town_session, world, [await a_drum(town_session, world)], "200 kg")
    before = await queries.manifest_row(town_session, world.generator.owner, manifest_id)
    version = before.version
    town_session.expunge_all()
    correction = await asked(town_session, getattr(world, asker).owner, wrong(manifest_id, field, "莱阳市", leg=leg))
    assert correction.answerer_id == getattr(world, answerer).id
    answer = AnswerCorrection(correction_id=correction.id, consent=True)
    await answer_correction(town_session, getattr(world, answerer).owner, answer, at=LATER)
    town_session.expunge_all()
    row = await queries.manifest_row(town_session, world.generator.owner, manifest_id)
    (carriage,) = await queries.legs(town_session, manifest_id)
    now = {Of.REMARKS: row.remarks, Of.OPINION: row.opinion, Of.LEG_START: carriage.start, Of.LEG_END: carriage.end}
    assert [one for one, value in now.items() if value == "莱阳市"] == [field]
    assert row.version == version + (not field.of_leg)


async def test_one_refusal_ends_it_and_nothing_changes(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    correction = await asked(town_session, world.generator.owner, wrong(manifest_id, Of.REMARKS, "夜间运输"))
    answer = AnswerCorrection(correction_id=correction.id, consent=False, reason="不属实")
    row, _ = await answer_correction(town_session, world.receiver.owner, answer, at=LATER)
    assert row.state == "refused"
    town_session.expunge_all()
    assert (await queries.manifest_row(town_session, world.generator.owner, manifest_id)).remarks == ""
    await asked(town_session, world.generator.owner, wrong(manifest_id, Of.REMARKS, "日间运输"))


async def test_an_unanswered_one_lapses_and_makes_room(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    command = wrong(manifest_id, Of.LEG_END, "莱阳市", leg=1)
    first = await asked(town_session, world.generator.owner, command)
    again = request_field(town_session, world.generator.owner, replace(command, new="海阳市"), at=LATER)
    assert await codes_broken(again) == ["correction_waits"]
    answer = AnswerCorrection(correction_id=first.id, consent=True)
    with pytest.raises(OutOfOrder):
        await answer_correction(town_session, world.carrier.owner, answer, at=TOO_LATE)
    await request_field(town_session, world.generator.owner, replace(command, new="海阳市"), at=TOO_LATE)
    kinds = [event["kind"] for event in await events_about(town_session, manifest_id)]
    assert kinds[-3:] == ["correction_requested", "correction_lapsed", "correction_requested"]


async def test_what_cannot_be_corrected_says_why(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    owner = world.generator.owner
    good = wrong(manifest_id, Of.LEG_END, "莱阳市", leg=1)
    for command, rules in (
        (replace(good, reason=" "), ["reason_missing"]),
        (replace(good, new=" "), ["text_missing"]),
        (replace(good, new="莱山区"), ["nothing_to_correct"]),
        (wrong(manifest_id, Of.LEG_PLATE, world.second_plate, leg=1), ["vehicle_unknown"]),
        (replace(good, signing=None), ["factor_missing"]),
    ):
        assert await codes_broken(request_field(town_session, owner, command, at=LATER)) == rules
    with pytest.raises(NotFound):
        await request_field(town_session, owner, replace(good, leg_position=2), at=LATER)
    opinion = wrong(manifest_id, Of.OPINION, "合格")
    assert await codes_broken(request_field(town_session, world.receiver.owner, opinion, at=LATER)) == ["not_sealed"]
    for actor, command in (
        (world.receiver.owner, good),
        (owner, opinion),
        (world.carrier.owner, wrong(manifest_id, Of.REMARKS, "x")),
    ):
        with pytest.raises(Forbidden):
            await request_field(town_session, actor, command, at=LATER)
    await filing.void_manifest(
        town_session, owner, SignAct(manifest_id=manifest_id, reason="填错", signing=BY_PASSWORD), at=LATER
    )
    with pytest.raises(OutOfOrder):
        await request_field(town_session, owner, good, at=LATER)


async def test_the_signer_reads_old_and_new(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    told = {"field": "leg_end", "leg_position": 1, "new": "莱阳市"}
    step = Asked(step=SignedStep.CORRECTION, subject_id=manifest_id, reason="录入有误", told=told)
    intent = await prepare(town_session, world.generator.owner, step, at=LATER)
    assert "“终点（运输段）”应为“莱阳市”，而非“莱山区”" in intent.words["zh"]
    assert "leg 1" in intent.words["en"]
