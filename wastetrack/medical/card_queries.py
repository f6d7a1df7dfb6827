"""Reading trip cards: one, its bags, a page of them, locked."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.medical.card_tables import CardBagRow, CardRow, CleaningRow
from wastetrack.medical.model import CardState

KIND = "trip_card"
Card = CardRow
"""The row under the name by which other rooms know it."""
CardBag = CardBagRow


def _unknown(card_id: UUID) -> NotFound:
    return NotFound("card_unknown", "There is no such trip card.", card_id=card_id)


async def card(session: ReadSession, actor: Actor, card_id: UUID) -> CardRow:
    """One card. Raises NotFound."""
    statement = sa.select(CardRow).where(col(CardRow.id) == card_id, visible(actor, KIND, col(CardRow.id)))
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise _unknown(card_id)
    return row


async def card_locked(session: WriteSession, actor: Actor, card_id: UUID) -> CardRow:
    """The same, and nobody changes it meanwhile."""
    statement = (
        sa.select(CardRow)
        .where(col(CardRow.id) == card_id, visible(actor, KIND, col(CardRow.id)))
        .with_for_update(of=CardRow)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise _unknown(card_id)
    return row


async def manifest_id_of(session: ReadSession, card_id: UUID) -> UUID:
    """To which month's manifest a card belongs. Raises NotFound."""
    statement = sa.select(col(CardRow.manifest_id)).where(col(CardRow.id) == card_id)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise _unknown(card_id)
    return found


async def parties_of(session: ReadSession, card_id: UUID) -> frozenset[UUID]:
    """Institution, carrier and plant of a card."""
    statement = sa.select(col(CardRow.organisation_id), col(CardRow.carrier_id), col(CardRow.receiver_id))
    found = (await session.execute(statement.where(col(CardRow.id) == card_id))).first()
    return frozenset(found or ())


async def bags_of(session: ReadSession, card_id: UUID) -> list[CardBagRow]:
    """The bags of a card, the highly infectious first; who may see the card is the caller's rule."""
    statement = (
        sa.select(CardBagRow)
        .where(col(CardBagRow.card_id) == card_id)
        .order_by(col(CardBagRow.position))
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(statement)).scalars())


async def cleanings_of(session: ReadSession, card_id: UUID) -> list[CleaningRow]:
    """What was cleaned after a trip."""
    statement = sa.select(CleaningRow).where(col(CleaningRow.card_id) == card_id).order_by(col(CleaningRow.done_at))
    return list((await session.execute(statement)).scalars())


async def cards(
    session: ReadSession,
    actor: Actor,
    *,
    state: CardState | None = None,
    manifest_id: UUID | None = None,
    emergency: bool = False,
    before: UUID | None = None,
    limit: int = 50,
) -> list[CardRow]:
    """Cards that the actor sees: what is dangerous first within what is open, then the newest."""
    statement = sa.select(CardRow).where(visible(actor, KIND, col(CardRow.id)))
    if state is not None:
        statement = statement.where(col(CardRow.state) == state.value)
    if manifest_id is not None:
        statement = statement.where(col(CardRow.manifest_id) == manifest_id)
    if emergency:
        statement = statement.where(col(CardRow.emergency_id).is_not(None))
    if before is not None:
        statement = statement.where(col(CardRow.id) < before)
    return list((await session.execute(statement.order_by(col(CardRow.id).desc()).limit(limit))).scalars())


async def left_open(session: ReadSession, manifest_id: UUID) -> list[CardRow]:
    """Cards of a month that are neither received nor withdrawn."""
    done = (CardState.RECEIVED.value, CardState.CANCELLED.value)
    statement = sa.select(CardRow).where(col(CardRow.manifest_id) == manifest_id, col(CardRow.state).not_in(done))
    return list((await session.execute(statement.order_by(col(CardRow.serial)))).scalars())


async def cards_of_month(session: ReadSession, manifest_id: UUID) -> list[CardRow]:
    """The cards of a month that were not withdrawn, in their order; who may see the manifest is the caller's rule."""
    statement = sa.select(CardRow).where(
        col(CardRow.manifest_id) == manifest_id, col(CardRow.state) != CardState.CANCELLED.value
    )
    return list((await session.execute(statement.order_by(col(CardRow.serial)))).scalars())


async def received_by_card(session: ReadSession, card_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What the plant has taken in of each card that it received, in grams."""
    grams = sa.func.coalesce(sa.func.sum(col(CardBagRow.measured_g)), 0)
    statement = (
        sa.select(col(CardBagRow.card_id), grams)
        .join(CardRow, col(CardRow.id) == col(CardBagRow.card_id))
        .where(col(CardBagRow.card_id).in_(tuple(card_ids)), col(CardRow.state) == CardState.RECEIVED.value)
        .group_by(col(CardBagRow.card_id))
    )
    return {row[0]: int(row[1] or 0) for row in await session.execute(statement)}


def card_number(row: CardRow) -> str:
    """How people name a card: its month, and its serial in it."""
    return f"{legal_day(row.created_at):%Y%m}-{row.serial:04d}"
