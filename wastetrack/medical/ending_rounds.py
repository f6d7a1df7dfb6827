"""The round ends at the temporary store: what came is stored; what is missing or weighs otherwise is booked, with its
reason."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState, StoreContainers, Weighing, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Recorded, record
from wastetrack.containers.storing import store_containers
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ledger import rules
from wastetrack.ledger.model import DiscrepancyKind
from wastetrack.manifests.tolerance import agrees
from wastetrack.mass import Mass
from wastetrack.medical.collecting import margin, round_locked
from wastetrack.medical.model import EndRound, Found, FoundInStore, RoundState
from wastetrack.medical.tables import BagRow, RoundBagRow, RoundRow


async def end_round(
    session: WriteSession, actor: Actor, command: EndRound, *, at: datetime
) -> tuple[RoundRow, Recorded]:
    """Receive a round into the temporary store. Raises NotFound, Forbidden, Conflict, RuleBroken when the count or the
    mass found there is not told by the bags named as differing, or one of them has no reason."""
    walk = await round_locked(session, actor, command.round_id)
    lines = await _lines(session, walk.id)
    rows = {row.id: row for row in await containers.locked(session, actor, [line.container_id for line in lines])}
    differing = {one.container_id: one for one in command.differing}
    weighed = {key: _weighing(command, one, rows[key]) for key, one in differing.items() if key in rows and one.gross}
    refuse(_check(command, lines, rows, weighed))
    booked: list[tuple[str, Mass, DiscrepancyKind]] = []
    for line in lines:
        row, one = rows[line.container_id], differing.get(line.container_id)
        line.found, line.reason = Found.AS_DECLARED.value, "" if one is None else one.reason.strip()
        if one is not None:
            booked.append(_apply(line, row, weighed.get(row.id)))
    walk.state, walk.store_id, walk.ended_at = RoundState.IN_STORE.value, command.store_id, at
    await session.flush()
    leaf = await _record(session, actor, walk, lines, rows, booked=booked, at=at)
    present = tuple(line.container_id for line in lines if line.found != Found.MISSING.value)
    if present:
        stored = StoreContainers(container_ids=present, store_id=command.store_id)
        await store_containers(session, actor, stored, at=at)
        await session.execute(sa.update(BagRow).where(col(BagRow.container_id).in_(present)).values(stored_at=at))
    return walk, leaf


async def _lines(session: WriteSession, round_id: UUID) -> list[RoundBagRow]:
    statement = sa.select(RoundBagRow).where(col(RoundBagRow.round_id) == round_id)
    return list((await session.execute(statement.order_by(col(RoundBagRow.container_id)))).scalars())


def _weighing(command: EndRound, one: FoundInStore, row: Container) -> Weighing:
    assert one.gross is not None  # noqa: S101  only those that were weighed come here
    return Weighing(
        gross=one.gross, tare=Mass(row.tare_g), method=command.method, scale_id=command.scale_id, confirmed=True
    )


def _check(
    command: EndRound, lines: list[RoundBagRow], rows: dict[UUID, Container], weighed: dict[UUID, Weighing]
) -> list[Broken]:
    broken: list[Broken] = []
    if not lines:
        message = "Nothing has been collected on this round yet."
        return [Broken("round_id", "round_empty", message, next_step="Take bags over at a ward first.")]
    for one in command.differing:
        if one.container_id not in rows:
            message = "A bag named as differing is not on this round."
            broken.append(Broken("differing", "bag_not_on_round", message, str(one.container_id)))
            continue
        if not one.reason.strip():
            message = "Say why bag {value} is missing or weighs otherwise."
            code = rows[one.container_id].digital_code
            broken.append(Broken("reason", "reason_missing", message, code, article="医疗废物管理条例 art. 13"))
    for key, weighing in weighed.items():
        broken += check_weighing(weighing, rows[key].volume_l, field="differing")
    missing = {one.container_id for one in command.differing if one.gross is None}
    return [*broken, *_check_sums(command, rows, weighed, missing)]


def _check_sums(
    command: EndRound, rows: dict[UUID, Container], weighed: dict[UUID, Weighing], missing: set[UUID]
) -> list[Broken]:
    broken: list[Broken] = []
    here = [row for key, row in rows.items() if key not in missing]
    if command.bags != len(here):
        message = "{value} bags stand at the store; {expected} were collected."
        facts: dict[str, object] = {"expected": len(here)}
        step = "Scan them; name each bag that is missing, with its reason."
        broken.append(Broken("bags", "bags_differ", message, command.bags, facts=facts, next_step=step))
    told = Mass(sum(weighed[row.id].net.grams if row.id in weighed else row.net_g for row in here))
    if not agrees(told, command.mass, margin(told)):
        message = "The store weighed {value}; the bags say {expected}."
        facts = {"expected": told.kg_text()}
        step = "Weigh them one by one, and name each bag that differs, with its reason."
        broken.append(Broken("mass", "mass_differs", message, command.mass.kg_text(), facts=facts, next_step=step))
    return broken


def _apply(line: RoundBagRow, row: Container, weighing: Weighing | None) -> tuple[str, Mass, DiscrepancyKind]:
    """Write what was found of a bag; gives what the ledger is to book."""
    before = Mass(row.net_g)
    if weighing is None:
        line.found = Found.MISSING.value
        row.state, row.site_id, row.store_id = ContainerState.LOST.value, None, None
        return row.waste_code, -before, DiscrepancyKind.MISSING_CONTAINER
    line.found, line.store_g = Found.DIFFERENT.value, weighing.net.grams
    row.gross_g, row.net_g = weighing.gross.grams, weighing.net.grams
    row.method, row.scale_id, row.uncertainty_g = weighing.method.value, weighing.scale_id, None
    return row.waste_code, weighing.net - before, DiscrepancyKind.WEIGHING


async def _record(
    session: WriteSession,
    actor: Actor,
    walk: RoundRow,
    lines: list[RoundBagRow],
    rows: dict[UUID, Container],
    *,
    booked: list[tuple[str, Mass, DiscrepancyKind]],
    at: datetime,
) -> Recorded:
    moved = tuple(one for one in booked if one[1])
    return await record(
        session,
        actor,
        "ward_round_ended",
        subjects=(*rows, walk.site_id),
        moment=moment_of(None, at),
        facts={
            "round": str(walk.id),
            "site": str(walk.site_id),
            "store": str(walk.store_id),
            "bags": len(lines),
            "mass_g": sum(line.ward_g for line in lines),
            "differing": [
                {
                    "container": str(line.container_id),
                    "found": line.found,
                    "declared_g": line.ward_g,
                    "net_g": line.store_g,
                    "method": rows[line.container_id].method,
                }
                for line in lines
                if line.found != Found.AS_DECLARED.value
            ],
            "reasons": [line.reason for line in lines if line.reason],
        },
        entry=rules.found_at_count(walk.site_id, moved) if moved else None,
    )
