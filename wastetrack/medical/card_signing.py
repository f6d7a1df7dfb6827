"""One signed step of a trip card: its version, its event with the signer's evidence, and the notice to the signer."""

from typing import TYPE_CHECKING, Any

from wastetrack.auth.model import Actor
from wastetrack.containers.recording import Moment, Recorded, Signed, record
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.ledger.model import Entry
from wastetrack.manifests import notices
from wastetrack.manifests.errors import Stale
from wastetrack.manifests.model import PartyRole, SignedStep
from wastetrack.manifests.sides import SignedBefore, why_both
from wastetrack.manifests.signing import event_id_of, refuse_unsigned
from wastetrack.manifests.words import Name
from wastetrack.medical.card_queries import bags_of, card_number
from wastetrack.medical.card_tables import CardRow
from wastetrack.medical.card_words import CardFigures, of_card
from wastetrack.parties import queries as parties
from wastetrack.parties.verifying import demand_verified

if TYPE_CHECKING:
    from uuid import UUID

EVENT: dict[SignedStep, str] = {
    SignedStep.CARD_HAND_OVER: "trip_card_handed_over",
    SignedStep.CARD_PICK_UP: "trip_card_picked_up",
    SignedStep.CARD_RECEIPT: "trip_card_received",
}
_SIDE = {
    SignedStep.CARD_HAND_OVER: PartyRole.SHIPPER,
    SignedStep.CARD_PICK_UP: PartyRole.CARRIER,
    SignedStep.CARD_RECEIPT: PartyRole.RECEIVER,
}
_PLATE = "select plate from vehicles where id = $1"


def check_version(row: CardRow, version: int | None) -> None:
    """Raise Stale when the signer saw another version than the one that stands."""
    if version is not None and version != row.version:
        message = "Somebody changed or signed this trip card meanwhile (version {now}, you saw {seen}). Read it again."
        raise Stale("card_changed", message, now=row.version, seen=version)


async def sign_card(
    session: WriteSession,
    actor: Actor,
    row: CardRow,
    step: SignedStep,
    *,
    moment: Moment,
    facts: dict[str, Any],
    signing: Signing | None,
    given: dict[str, Any] | None = None,
    entry: Entry | None = None,
) -> Recorded:
    """Write the step that its use case has prepared on the row. Raises RuleBroken without a signer's factor, or where
    the signer signed for another side already; Forbidden for an organisation that nobody has confirmed."""
    if signing is None:
        refuse_unsigned()
    await demand_verified(session, actor.organisation_id)
    both = why_both(_SIDE[step], actor.organisation_id, _before(row, actor))
    row.version += 1
    row.last_act_at = moment.happened_at
    await session.flush()
    bags = await bags_of(session, row.id)
    words = of_card(step, await _figures(session, actor, row, bags, moment))
    event_id = event_id_of(signing)
    leaf = await record(
        session,
        actor,
        EVENT[step],
        subjects=(row.id, row.manifest_id, *(bag.container_id for bag in bags)),
        moment=moment,
        facts={
            "card": str(row.id),
            "card_number": card_number(row),
            "manifest": str(row.manifest_id),
            "state": row.state,
            **({} if both is None else {"both_sides": both.value}),
            **facts,
        },
        entry=entry,
        event_id=event_id,
        signed=Signed(signing=signing, words=words, given=dict(given or {})),
    )
    await notices.keep(
        session,
        actor,
        event_id,
        kind=EVENT[step],
        manifest_id=row.manifest_id,
        words=words,
        at=moment.recorded_at,
    )
    return leaf


def _before(row: CardRow, actor: Actor) -> list[SignedBefore]:
    signed: tuple[tuple[PartyRole, UUID | None, UUID], ...] = (
        (PartyRole.SHIPPER, row.handed_over_by, row.organisation_id),
        (PartyRole.CARRIER, row.picked_up_by, row.carrier_id),
        (PartyRole.RECEIVER, row.received_by, row.receiver_id),
    )
    return [SignedBefore(side, firm) for side, person, firm in signed if person == actor.person_id]


async def _figures(session: WriteSession, actor: Actor, row: CardRow, bags: list[Any], moment: Moment) -> CardFigures:
    ids = {row.organisation_id, row.carrier_id, row.receiver_id, actor.organisation_id}
    firms = await parties.organisations_by_id(session, ids)
    names = {key: Name(firm.name, firm.name_en) for key, firm in firms.items()}
    return CardFigures(
        number=card_number(row),
        organisation=names[actor.organisation_id],
        role=actor.role,
        institution=names[row.organisation_id],
        carrier=names[row.carrier_id],
        plant=names[row.receiver_id],
        plate=str(await (await session.driver()).fetchval(_PLATE, row.vehicle_id)),
        boxes=row.boxes,
        bags=tuple(bags),
        happened_at=moment.happened_at,
    )
