"""Stock-take: begin with what the books say, count what is there, finish by booking the difference, or drop it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.containers import count_queries, queries
from wastetrack.containers.errors import ContainerElsewhere, StockTakeEnded, StockTakeOpen
from wastetrack.containers.measuring import measured
from wastetrack.containers.model import ContainerState, Weighing, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.stock_takes import (
    BeginStockTake,
    CountContainer,
    Counted,
    CountOutcome,
    EndStockTake,
    StockTakeState,
    outcome_of,
)
from wastetrack.containers.tables import ContainerRow, StockTakeLineRow, StockTakeRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import DiscrepancyKind, Measurement, WeighingMethod
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties import store_queries
from wastetrack.transparency.appending import Appended


async def begin_stock_take(
    session: WriteSession, actor: Actor, command: BeginStockTake, *, at: datetime
) -> tuple[StockTakeRow, Appended]:
    """Write down what the books have at a site or in a store, to be counted.

    Raises NotFound, Forbidden, and StockTakeOpen while another count of the same place is open.
    """
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.STORE, site.organisation_id)
    scope: tuple[UUID, ...] | None = None
    if command.store_id is not None:
        store = await store_queries.store(session, actor, command.store_id)
        if store.site_id != site.id:
            raise NotFound("store_unknown", "There is no such store.", store_id=command.store_id)
        scope = await count_queries.stores_within(session, store.id)
    await count_queries.lock_site(session, site.id)
    other = await count_queries.open_overlapping(session, site.id, command.store_id)
    if other is not None:
        message = "A stock-take of this place is open since {since}. Finish or drop it first."
        raise StockTakeOpen("stock_take_open", message, since=other.begun_at.isoformat(), stock_take_id=other.id)
    take = StockTakeRow(
        id=new_id(), site_id=site.id, store_id=command.store_id, state=StockTakeState.OPEN.value, begun_at=at
    )
    session.add(take)
    await session.flush()  # the lines name it
    expected, grams = await count_queries.expect(session, take.id, site.id, scope)
    await show(
        session,
        count_queries.KIND,
        take.id,
        (viewer_of_organisation(actor.organisation_id), *viewers_of_region(site.region_code)),
    )
    leaf = await record(
        session,
        actor,
        "stock_take_begun",
        subjects=(take.id, site.id),
        moment=moment_of(None, at),
        facts={
            "site": str(site.id),
            "store": None if command.store_id is None else str(command.store_id),
            "expected": expected,
            "book_g": grams,
        },
    )
    return take, leaf


async def count_container(
    session: WriteSession, actor: Actor, command: CountContainer, *, at: datetime
) -> StockTakeLineRow:
    """Write down that a container was found, and what it weighs. Counting it again replaces what was said before.

    Raises NotFound, Forbidden, StockTakeEnded, ContainerElsewhere (weighed while it waits for a filed manifest's
    truck), RuleBroken for a weight that cannot be.
    """
    take = await _open(session, actor, command.stock_take_id, at_once=False)
    row = await queries.maybe_by_digital_code(session, actor, command.digital_code)
    weighing = None
    if row is not None and command.gross is not None:
        if row.held_for is not None:
            raise _held([row])
        weighing = Weighing(
            gross=command.gross,
            tare=Mass(row.tare_g),
            method=command.method,
            scale_id=command.scale_id,
            uncertainty=command.uncertainty,
            confirmed=True,  # light or not, this is what stands on the scale
            reading_id=command.reading_id,
        )
        measure = await measured(session, weighing, site_id=take.site_id, at=at, container_id=row.id)
        weighing = measure.weighing
        refuse([*measure.broken, *check_weighing(weighing, row.volume_l)])
        await measure.keep(session, actor.organisation_id, row.id, at=at)
    return await count_queries.write_found(session, take.id, command.digital_code, row, weighing, at=at)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, its container as the books have it now, and what that comes to."""

    line: StockTakeLineRow
    row: ContainerRow | None
    outcome: CountOutcome
    difference: Mass
    """How much more was found than the books say; negative for less."""


_CHANGING = frozenset({CountOutcome.MISSING, CountOutcome.WEIGHED_DIFFERENT})


async def finish_stock_take(
    session: WriteSession, actor: Actor, command: EndStockTake, *, at: datetime
) -> tuple[StockTakeRow, Appended]:
    """Book what the count found: missing containers are lost, weighed differences are the site's discrepancy.

    Raises NotFound, Forbidden, StockTakeEnded, and ContainerElsewhere naming those that would change while they wait
    for the truck of a filed manifest; nothing is booked then.
    """
    take = await _open(session, actor, command.stock_take_id, at_once=True)
    lines = await count_queries.lines_of(session, take.id)
    ids = sorted({line.container_id for line in lines if line.container_id is not None})
    rows = {row.id: row for row in await queries.locked_on_paper(session, ids)}
    scope = None if take.store_id is None else await count_queries.stores_within(session, take.store_id)
    judged = [_judge(line, rows, take, scope) for line in lines]
    held = [one.row for one in judged if one.outcome in _CHANGING and one.row is not None and one.row.held_for]
    if held:
        raise _held(held)
    moment = moment_of(None, at)
    # In the order of codes, as every count would take the accounts.
    for one in sorted(judged, key=lambda one: (one.line.waste_code or "", one.line.digital_code)):
        one.line.outcome = one.outcome.value
        if one.outcome in _CHANGING:
            await _book(session, actor, take, one, moment)
    take.state, take.ended_at = StockTakeState.FINISHED.value, at
    await session.flush()
    return take, await _record_end(session, actor, take, judged, moment)


async def drop_stock_take(
    session: WriteSession, actor: Actor, command: EndStockTake, *, at: datetime
) -> tuple[StockTakeRow, Appended]:
    """Give a count up; nothing is booked. Raises NotFound, Forbidden, StockTakeEnded."""
    take = await _open(session, actor, command.stock_take_id, at_once=True)
    take.state, take.ended_at = StockTakeState.DROPPED.value, at
    await session.flush()
    leaf = await record(
        session,
        actor,
        "stock_take_dropped",
        subjects=(take.id, take.site_id),
        moment=moment_of(None, at),
        facts={"site": str(take.site_id), "store": None if take.store_id is None else str(take.store_id)},
    )
    return take, leaf


async def _open(session: WriteSession, actor: Actor, stock_take_id: UUID, *, at_once: bool) -> StockTakeRow:
    """A count that goes on, locked: alone for its end, together with others for a line."""
    take = await count_queries.locked_take(session, stock_take_id, alone=at_once)
    site = await parties.site(session, take.site_id)
    demand_own(actor, Verb.STORE, site.organisation_id)
    if take.state != StockTakeState.OPEN.value:
        message = "This stock-take is {state}. Begin another one."
        raise StockTakeEnded("stock_take_ended", message, state=StockTakeState(take.state))
    return take


def _judge(
    line: StockTakeLineRow, rows: dict[UUID, ContainerRow], take: StockTakeRow, scope: tuple[UUID, ...] | None
) -> _Line:
    row = None if line.container_id is None else rows[line.container_id]
    counted = Counted(
        expected=line.expected,
        known=row is not None,
        found=line.found_at is not None,
        weighed_g=None if line.gross_g is None else line.gross_g - (line.tare_g or 0),
        net_g=0 if row is None else row.net_g,
        site_id=None if row is None else row.site_id,
        store_id=None if row is None else row.store_id,
    )
    outcome = outcome_of(counted, site_id=take.site_id, store_ids=scope)
    found_g = 0 if outcome is CountOutcome.MISSING else counted.weighed_g or 0
    difference = Mass(found_g - counted.net_g if outcome in _CHANGING else 0)
    return _Line(line, row, outcome, difference)


async def _book(session: WriteSession, actor: Actor, take: StockTakeRow, one: _Line, moment: Moment) -> None:
    row, line, difference = one.row, one.line, one.difference
    assert row is not None  # noqa: S101  what changes is known
    old = line.book_g = row.net_g  # the books may have changed since the count began
    measurement = None
    if one.outcome is CountOutcome.MISSING:
        row.state, row.site_id, row.store_id = ContainerState.LOST.value, None, None
    else:
        measurement = Measurement(WeighingMethod(str(line.method)), line.scale_id, line.uncertainty_g)
        row.gross_g, row.net_g = row.gross_g + difference.grams, row.net_g + difference.grams
        row.method, row.scale_id, row.uncertainty_g = str(line.method), line.scale_id, line.uncertainty_g
    await session.flush()
    await record(
        session,
        actor,
        "container_counted",
        subjects=(row.id, take.id, take.site_id),
        moment=moment,
        facts={
            "container": str(row.id),
            "digital_code": row.digital_code,
            "waste_code": row.waste_code,
            "stock_take": str(take.id),
            "site": str(take.site_id),
            "outcome": one.outcome.value,
            "old_net_g": old,
            "net_g": row.net_g,
            "gross_g": row.gross_g,
            "tare_g": row.tare_g,
            "method": row.method,
            "scale": None if measurement is None else row.scale_id,
            "uncertainty_g": None if measurement is None else row.uncertainty_g,
        },
        entry=rules.found_different(
            take.site_id, row.waste_code, difference, DiscrepancyKind.STOCK_TAKE, measurement=measurement
        ),
    )


async def _record_end(
    session: WriteSession, actor: Actor, take: StockTakeRow, judged: Sequence[_Line], moment: Moment
) -> Appended:
    counts = Counter(one.outcome for one in judged)
    return await record(
        session,
        actor,
        "stock_taken",
        subjects=(take.id, take.site_id),
        moment=moment,
        facts={
            "site": str(take.site_id),
            "store": None if take.store_id is None else str(take.store_id),
            "begun_at": take.begun_at.isoformat(),
            "outcomes": {outcome.value: counts[outcome] for outcome in CountOutcome},
            "found_more_g": sum(one.difference.grams for one in judged),
            "elsewhere": [one.line.digital_code for one in judged if one.outcome is CountOutcome.ELSEWHERE],
            "unknown": [one.line.digital_code for one in judged if one.outcome is CountOutcome.UNKNOWN],
        },
    )


def _held(rows: Sequence[ContainerRow]) -> ContainerElsewhere:
    message = (
        "A stock-take cannot change what waits for the truck of a filed manifest: {digital_codes}. "
        "Look for it again and only note that it was seen, or cancel that manifest first."
    )
    codes = ", ".join(row.digital_code for row in rows)
    return ContainerElsewhere("container_on_filed_manifest", message, digital_codes=codes)
