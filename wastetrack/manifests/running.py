"""Manifests that run for a period: opened by the shipper, moved under record by record, summed up by the shipper.

What a record is, is the business of a kind (a day at two meters, a trip card): it locks the manifest with
`locked_running`, moves the mass by `ledger.rules.moved` in an event of its own, and counts it with `add_moved`. What
must not be left undone when the sum is signed, a kind tells by an entry in `LEFT_OPEN`. The receiver then confirms as
every manifest is confirmed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.model import ListName
from wastetrack.catalogues.waste_codes import parse
from wastetrack.containers.labelling import check_description
from wastetrack.containers.model import Description
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.manifests import booking, checking, grounds, queries, states
from wastetrack.manifests.drafting import begin_draft
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import Act, ManifestKind, ManifestState, SignAct, TransferBasis
from wastetrack.manifests.numbers import ManifestNumber
from wastetrack.manifests.period_tables import PeriodRow, TotalRow
from wastetrack.manifests.periods import Period, PeriodLength, check_period
from wastetrack.manifests.plan_checking import check_plan, facts_of
from wastetrack.manifests.signing import check_version, sign
from wastetrack.manifests.tables import ManifestRow
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.plans import checking as plans
from wastetrack.transparency.appending import Appended


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One waste that is to be moved in a period, and how much of it."""

    description: Description
    planned: Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPeriod:
    """Command: prepare a manifest that runs from one day to another."""

    kind: ManifestKind
    shipper_site_id: UUID
    receiver_site_id: UUID
    method: str
    begins_on: date
    ends_on: date
    wastes: tuple[Expected, ...]
    remarks: str = ""
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: tuple[int, ...] = ()
    """Entries of the exemption list on which it rests; for a month that is found or drafted."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What one record adds to a period's totals (negative: takes back)."""

    waste_code: str
    sent_g: int
    received_g: int
    records: int = 1


@dataclass(frozen=True, slots=True)
class Running:
    """A manifest that runs, locked, with its days and wastes."""

    row: ManifestRow
    period: Period
    totals: list[TotalRow] = field(default_factory=list)

    def total(self, waste_code: str) -> TotalRow | None:
        """What stands for a code."""
        return next((one for one in self.totals if one.waste_code == waste_code), None)


LEFT_OPEN: dict[ManifestKind, Callable[[WriteSession, Running], Awaitable[list[Broken]]]] = {}
"""By kind what stands in the way of its sum: a kind's own module puts its question here, or none is summed up."""


def length_of(kind: ManifestKind) -> PeriodLength:
    """How long a manifest of a kind runs at most."""
    if kind is ManifestKind.MEDICAL:
        return PeriodLength.MONTH
    return PeriodLength(jurisdiction().continuous_period.value)


async def draft_period(session: WriteSession, actor: Actor, command: DraftPeriod, *, at: datetime) -> ManifestRow:
    """Prepare a manifest for a period; only its owner sees it. Raises NotFound, Forbidden, RuleBroken."""
    shipper = await parties.site(session, command.shipper_site_id)
    demand_own(actor, Verb.FILE, shipper.organisation_id)
    receiver = await parties.site(session, command.receiver_site_id)
    refuse(await _check_draft(session, command))
    row = await begin_draft(
        session,
        shipper,
        receiver,
        kind=command.kind,
        basis=command.basis,
        method=command.method,
        planned_on=command.begins_on,
        remarks=command.remarks,
        at=at,
    )
    session.add(PeriodRow(manifest_id=row.id, begins_on=command.begins_on, ends_on=command.ends_on))
    session.add_all(
        TotalRow(
            manifest_id=row.id,
            waste_code=str(parse(one.description.waste_code)),  # one spelling, or one waste would have two accounts
            position=position,
            waste_name=one.description.waste_name,
            form=one.description.form.value,
            hazards=list(one.description.hazards),
            planned_g=one.planned.grams,
        )
        for position, one in enumerate(command.wastes, 1)
    )
    await session.flush()
    return row


async def _check_draft(session: WriteSession, command: DraftPeriod) -> list[Broken]:
    asked = jurisdiction().continuous_period if command.kind is ManifestKind.CONTINUOUS else None
    broken = check_period(Period(command.begins_on, command.ends_on), length_of(command.kind), asked)
    if command.receiver_site_id == command.shipper_site_id:
        message = "The waste would go to the site where it stands."
        step = "Choose the receiver's site."
        broken.append(Broken("receiver_site_id", "receiver_is_shipper", message, next_step=step))
    codes = [one.description.waste_code.strip() for one in command.wastes]
    if not codes:
        step = "Name each waste that is to be moved, with what you expect of it."
        broken.append(Broken("wastes", "wastes_missing", "No waste is named.", article="令23 art. 19", next_step=step))
    if len(set(codes)) != len(codes):
        message = "The same waste code is listed twice."
        broken.append(Broken("wastes", "waste_twice", message, next_step="Name each code once."))
    lists = await catalogues.snapshot(session)
    for position, one in enumerate(command.wastes):
        where = f"wastes.{position}."
        broken += check_description(lists, one.description, on=command.begins_on, field=where)
        if one.planned <= ZERO:
            message = "Expect more than nothing, not {value}."
            step = "Give what the management plan says for the period."
            broken.append(
                Broken(f"{where}planned_g", "planned_not_positive", message, one.planned.grams, next_step=step)
            )
    return broken


async def period_of(session: ReadSession, manifest_id: UUID) -> tuple[Period, list[TotalRow]]:
    """Days and wastes of a manifest that runs for a period. Whoever asks has seen the manifest."""
    row = await session.get(PeriodRow, manifest_id)
    if row is None:
        message = "This manifest is one trip and has no period."
        raise NotFound("period_unknown", message, manifest_id=manifest_id)
    totals = select(TotalRow).where(col(TotalRow.manifest_id) == manifest_id).order_by(col(TotalRow.position))
    found = (await session.scalars(totals.execution_options(populate_existing=True))).all()
    return Period(row.begins_on, row.ends_on), list(found)


async def locked_running(session: WriteSession, actor: Actor, manifest_id: UUID) -> Running:
    """A manifest under which mass may move, locked. Raises ManifestUnknown, OutOfOrder when it does not run."""
    row = await queries.locked(session, actor, manifest_id)
    if row.state != ManifestState.RUNNING.value:
        message = "Nothing can be moved under this manifest now: it is {state}."
        raise OutOfOrder("manifest_not_running", message, state=ManifestState(row.state))
    return Running(row, *await period_of(session, row.id))


async def open_period(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The shipper signs that a manifest runs from now on: permit, lists and regions are checked for what is expected.

    No mass moves yet, and no number is given before the sum. Raises ManifestUnknown, OutOfOrder, Stale, Forbidden,
    RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.OPEN, ManifestKind(row.kind))
    moment = moment_of(command.dated, at, after=row.last_act_at)
    period, totals = await period_of(session, row.id)
    transfer = checking.Transfer(
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        on=max(period.begins_on, min(legal_day(moment.happened_at), period.ends_on)),
        grams_by_code={one.waste_code: one.planned_g for one in totals},
        load=ZERO,
        legs=[],
    )
    broken = [
        *_check_dates(period, legal_day(moment.happened_at)),
        *await _check_others(session, row, period),
    ]
    planned = await check_plan(session, row, transfer)
    ground, groundless = await grounds.examine(session, row, transfer, at=at)
    refuse([*broken, *planned.broken, *groundless])
    await plans.take(session, row.id, planned.uses)
    await grounds.open_with(session, row.id, ground)
    lists = await catalogues.snapshot(session)
    edition = lists.edition_on(ListName.WASTE_CODES, period.begins_on)
    row.list_edition = edition.name if edition else None
    row.filed_at = moment.happened_at
    ends = (viewer_of_organisation(row.shipper_id), viewer_of_organisation(row.receiver_id))
    regions = (*viewers_of_region(row.origin_region), *viewers_of_region(row.destination_region))
    await show(session, queries.KIND, row.id, (*ends, *regions))
    facts = {
        "kind": row.kind,
        "shipper_site": str(row.shipper_site_id),
        "receiver_site": str(row.receiver_site_id),
        "method": row.method,
        "basis": row.basis,
        "edition": row.list_edition,
        "begins_on": period.begins_on.isoformat(),
        "ends_on": period.ends_on.isoformat(),
        "wastes": [{"waste_code": one.waste_code, "planned_g": one.planned_g} for one in totals],
        **facts_of(row, planned),
    }
    signing = command.signing
    leaf = await sign(session, actor, row, Act.OPEN, moment=moment, container_ids=(), facts=facts, signing=signing)
    return row, leaf


def _check_dates(period: Period, today: date) -> list[Broken]:
    days = jurisdiction().planning_days.value
    facts: dict[str, object] = {"days": days}
    if period.ends_on < today:
        message = "The period ended on {value} already."
        step = "Make a new draft; what was transferred before is entered later as a back-entry."
        return [Broken("ends_on", "period_over", message, period.ends_on.isoformat(), next_step=step)]
    if period.begins_on > today + timedelta(days=days):
        message = "The period begins on {value}; a manifest is opened at most {days} days ahead."
        step = "Wait, or draft an earlier period."
        return [
            Broken("begins_on", "period_too_far", message, period.begins_on.isoformat(), facts=facts, next_step=step)
        ]
    return []


_OTHERS = """
select period.ends_on from manifest_periods period join manifests other on other.id = period.manifest_id
where other.id <> $1 and other.kind = $2 and other.shipper_site_id = $3 and other.receiver_site_id = $4
  and other.state not in ('draft', 'cancelled', 'void') and period.begins_on <= $6 and period.ends_on >= $5
  and exists (
    select from manifest_totals own join manifest_totals theirs using (waste_code)
    where own.manifest_id = $1 and theirs.manifest_id = other.id
  )
order by period.ends_on desc limit 1
"""


async def _check_others(session: WriteSession, row: ManifestRow, period: Period) -> list[Broken]:
    """One day's transfer of a waste between two sites stands on one manifest."""
    asked = (row.id, row.kind, row.shipper_site_id, row.receiver_site_id, period.begins_on, period.ends_on)
    last = await (await session.driver()).fetchval(_OTHERS, *asked)
    if last is None:
        return []
    message = "Another manifest of this waste runs between the same sites until {value}."
    step = "Let the period begin on the day after it."
    return [Broken("begins_on", "period_overlaps", message, last.isoformat(), article="令23 art. 16", next_step=step)]


# Permit lines are locked first, in the order in which every filing locks them (booking.lock_booked).
_ADD = """
with more as (
  select * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::int[]) as lines (code, sent, received, records)
), counted as (
  update manifest_totals total set sent_g = sent_g + more.sent, received_g = received_g + more.received,
    records = total.records + more.records
  from more where total.manifest_id = $1 and total.waste_code = more.code
), booked as (
  update permit_bookings booking set booked_g = booked_g + more.received
  from more where booking.manifest_id = $1 and booking.waste_code = more.code
  returning booking.permit_item_id, booking.year, more.received as grams
)
update permit_uses used set booked_g = used.booked_g + summed.grams
from (select permit_item_id, year, sum(grams) as grams from booked group by 1, 2) summed
where used.permit_item_id = summed.permit_item_id and used.year = summed.year
"""


async def add_moved(session: WriteSession, manifest_id: UUID, moved: Sequence[Moved]) -> list[str]:
    """Count what a record moved, and let the receiver's permit be used by what came in. The manifest is locked.

    Gives the codes whose permit line is used up beyond its yearly quantity by now: the mass has moved already, so
    that is told and not refused.
    """
    await booking.lock_booked(session, manifest_id)
    driver = await session.driver()
    columns = [[getattr(one, name) for one in moved] for name in ("waste_code", "sent_g", "received_g", "records")]
    await driver.execute(_ADD, manifest_id, *columns)
    return await booking.codes_over(session, manifest_id)


async def sum_up(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The shipper signs the totals of the period; the number is given now, and the receiver is to confirm.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden, RuleBroken while the period lasts or a record is left open.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.SUM_UP, ManifestKind(row.kind))
    moment = moment_of(command.dated, at, after=row.last_act_at)
    running = Running(row, *await period_of(session, row.id))
    broken: list[Broken] = []
    if legal_day(moment.happened_at) < running.period.ends_on:
        message = "The period lasts until {value}; it is summed up on its last day or after it."
        broken.append(Broken("ends_on", "period_lasts", message, running.period.ends_on.isoformat()))
    broken += await LEFT_OPEN[ManifestKind(row.kind)](session, running)
    refuse(broken)
    await grounds.settle(session, row.id, {one.waste_code: one.received_g for one in running.totals})
    row.received_at = moment.happened_at
    year = legal_day(moment.happened_at).year
    serial = await queries.next_serial(session, year, row.origin_region[:4])
    row.number = str(ManifestNumber.make(year, row.origin_region, serial))
    leaf = await sign(
        session,
        actor,
        row,
        Act.SUM_UP,
        moment=moment,
        container_ids=(),
        facts={
            "begins_on": running.period.begins_on.isoformat(),
            "ends_on": running.period.ends_on.isoformat(),
            "totals": [
                {
                    "waste_code": one.waste_code,
                    "records": one.records,
                    "sent_g": one.sent_g,
                    "received_g": one.received_g,
                }
                for one in running.totals
            ],
        },
        signing=command.signing,
    )
    return row, leaf
