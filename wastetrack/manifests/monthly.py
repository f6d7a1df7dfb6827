"""The manifest of a month between two sites, under which one record after another moves mass: found, or drafted."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse, refuse_one
from wastetrack.manifests import checking, grounds, queries
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.period_tables import PeriodRow, TotalRow
from wastetrack.manifests.plan_checking import check_plan
from wastetrack.manifests.running import DraftPeriod, Expected, Running, draft_period
from wastetrack.manifests.tables import ManifestRow
from wastetrack.mass import ZERO
from wastetrack.plans import checking as plans

_LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 28))"
_WITHDRAWN = (ManifestState.CANCELLED.value, ManifestState.VOID.value)
_OPEN = frozenset({ManifestState.DRAFT.value, ManifestState.RUNNING.value})


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


async def month_manifest(session: WriteSession, actor: Actor, wanted: DraftPeriod, *, at: datetime) -> ManifestRow:
    """The manifest of this kind that covers the month between these sites, locked; drafted if there is none.

    Two who ask at once get one and the same. Raises Forbidden, RuleBroken once the month was summed up.
    """
    between = f"{wanted.kind.value}:{wanted.shipper_site_id}:{wanted.receiver_site_id}:{wanted.begins_on}"
    await (await session.driver()).execute(_LOCK, between)
    statement = (
        select(ManifestRow)
        .join(PeriodRow, col(PeriodRow.manifest_id) == col(ManifestRow.id))
        .where(
            col(ManifestRow.kind) == wanted.kind.value,
            col(ManifestRow.shipper_site_id) == wanted.shipper_site_id,
            col(ManifestRow.receiver_site_id) == wanted.receiver_site_id,
            col(PeriodRow.begins_on) <= wanted.ends_on,
            col(PeriodRow.ends_on) >= wanted.begins_on,
            col(ManifestRow.state).not_in(_WITHDRAWN),
        )
        .order_by(col(ManifestRow.state).not_in(_OPEN), col(ManifestRow.id).desc())
        .limit(1)
    )
    found = (await session.scalars(statement)).first()
    if found is None:
        found = await draft_period(session, actor, wanted, at=at)
    if found.state not in _OPEN:
        message = "The manifest of this month ({value}) is summed up already."
        step = "What leaves now belongs to the next month's manifest."
        refuse_one("receiver_site_id", "month_summed_up", message, value=found.number, next_step=step)
    row = await queries.locked(session, actor, found.id)
    if row.state == ManifestState.DRAFT.value:  # what nobody signed yet rests on what holds now
        row.basis = wanted.basis.value
        await session.execute(update(ManifestRow).where(col(ManifestRow.id) == row.id).values(basis=row.basis))
        await grounds.name(session, row.id, wanted.exemptions)
    return row


async def expect_more(session: WriteSession, running: Running, wastes: tuple[Expected, ...], *, at: datetime) -> None:
    """Let wastes that nobody expected when the manifest was opened move under it too, as the receiver's permit allows.

    For the shipper, before they move. Raises RuleBroken where the permit does not cover one.
    """
    new = [one for one in wastes if running.total(one.description.waste_code) is None]
    if not new:
        return
    row = running.row
    transfer = checking.Transfer(
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        on=running.period.begins_on,
        grams_by_code={one.description.waste_code: one.planned.grams for one in new},
        load=ZERO,
        legs=[],
    )
    planned = await check_plan(session, row, transfer)
    ground, groundless = await grounds.examine(session, row, transfer, at=at)
    refuse([*planned.broken, *groundless])
    await plans.take(session, row.id, planned.uses)
    await grounds.open_with(session, row.id, ground)
    last = await session.scalar(select(func.max(col(TotalRow.position))).where(col(TotalRow.manifest_id) == row.id))
    session.add_all(
        TotalRow(
            manifest_id=row.id,
            waste_code=one.description.waste_code,
            position=position,
            waste_name=one.description.waste_name,
            form=one.description.form.value,
            hazards=list(one.description.hazards),
            planned_g=one.planned.grams,
        )
        for position, one in enumerate(new, (last or 0) + 1)
    )
    await session.flush()
