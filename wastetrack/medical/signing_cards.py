"""The signed steps of a trip card, put among those of manifests: prepared, read and signed in the same way."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.manifests.acting import BRANCHES, Acted, Asked, Branch
from wastetrack.manifests.model import ManifestKind, SignedStep
from wastetrack.manifests.running import LEFT_OPEN, Running
from wastetrack.mass import Mass
from wastetrack.medical import card_queries
from wastetrack.medical.carrying import hand_over, pick_up
from wastetrack.medical.model import SignCard
from wastetrack.medical.plant import receive_card

CARD_STEPS = (SignedStep.CARD_HAND_OVER, SignedStep.CARD_PICK_UP, SignedStep.CARD_RECEIPT)


async def _act(session: WriteSession, actor: Actor, asked: Asked, signing: Signing | None, at: datetime) -> Acted:
    command = SignCard(card_id=asked.subject_id, version=asked.version, happened_at=asked.happened_at, signing=signing)
    if asked.step is SignedStep.CARD_HAND_OVER:
        _, appended = await hand_over(session, actor, command, at=at)
    elif asked.step is SignedStep.CARD_PICK_UP:
        _, appended = await pick_up(session, actor, command, at=at)
    else:
        total = None if asked.measured_g is None else Mass(asked.measured_g)
        _, appended = await receive_card(session, actor, command, total=total, at=at)
    return Acted(appended=appended)


async def _left_open(session: WriteSession, running: Running) -> list[Broken]:
    """A month is summed up when each of its cards was received or withdrawn."""
    message = "Trip card {value} was neither received by the plant nor withdrawn."
    step = "Wait for the plant's receipt, or withdraw the card."
    return [
        Broken("manifest_id", "card_left_open", message, card_queries.card_number(card), next_step=step)
        for card in await card_queries.left_open(session, running.row.id)
    ]


BRANCHES.update(
    dict.fromkeys(CARD_STEPS, Branch(_act, card_queries.manifest_id_of, card_queries.parties_of)),
)
LEFT_OPEN[ManifestKind.MEDICAL] = _left_open
