"""Batches that run for days: begun, with their containers held for them; then finished, or withdrawn."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries
from wastetrack.containers.batch_checking import check_ground, check_outcome, check_start
from wastetrack.containers.batch_rules import BatchBasis, BatchState
from wastetrack.containers.errors import BatchOver
from wastetrack.containers.measuring import measured_residues
from wastetrack.containers.model import BeginBatch, FinishBatch, WithdrawBatch, check_chosen
from wastetrack.containers.moments import check_day, moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.storing import free_at
from wastetrack.containers.tables import ContainerRow, TreatmentBatchRow
from wastetrack.containers.treating import book, write_readings
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.parties.facility_queries import facilities_by_id
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended


async def begin_batch(
    session: WriteSession, actor: Actor, command: BeginBatch, *, at: datetime
) -> tuple[TreatmentBatchRow, Appended]:
    """Put containers into treatment: nothing is booked yet, but they are held until the batch ends.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken as `treat` does.
    """
    refuse(check_chosen(command.container_ids))
    rows = await queries.locked(session, actor, command.container_ids)
    for row in rows:
        free_at(row)
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.TREAT, site.organisation_id)
    plan = command.plan
    refuse(await check_start(session, actor, site, rows, method=command.method, plan=plan, day=command.begun_on, at=at))
    batch = TreatmentBatchRow(
        id=new_id(),
        site_id=site.id,
        method=command.method,
        treated_on=command.begun_on,
        input_g=sum(row.net_g for row in rows),
        residue_g=0,
        state=BatchState.RUNNING.value,
        basis=plan.basis.value,
        facility_id=plan.facility_id,
        recipe=plan.recipe.strip(),
        started_at=plan.started_at or at,
        created_at=at,
    )
    session.add(batch)
    await session.flush()  # the containers, and the recipe's components, name it
    for row in rows:
        row.treatment_batch_id = batch.id
    write_readings(session, batch.id, plan.components, after=0)
    await session.flush()
    leaf = await record(
        session,
        actor,
        "batch_begun",
        subjects=(*(row.id for row in rows), site.id),
        moment=moment_of(None, at),
        facts={
            "batch": str(batch.id),
            "site": str(site.id),
            "method": batch.method,
            "basis": batch.basis,
            "begun_on": command.begun_on.isoformat(),
            "digital_codes": [row.digital_code for row in rows],
        },
    )
    return batch, leaf


async def finish_batch(
    session: WriteSession, actor: Actor, command: FinishBatch, *, at: datetime
) -> tuple[TreatmentBatchRow, list[ContainerRow], Appended]:
    """Book what a batch treated, with its residues, products and readings.

    Raises BatchUnknown, BatchOver, Forbidden, RuleBroken.
    """
    batch, site, rows = await _running(session, actor, command.batch_id)
    facility = None
    if batch.facility_id is not None:
        facility = (await facilities_by_id(session, actor, (batch.facility_id,))).get(batch.facility_id)
    day, basis = command.treated_on, BatchBasis(batch.basis)
    residues, broken = await measured_residues(session, command.residues, site_id=site.id, at=at)
    command = replace(command, residues=residues)
    refuse(
        [
            *broken,
            *check_day("treated_on", day, at, made_on=[row.generated_on for row in rows]),
            # A permit that was suspended on the way does not stop what burns; it stops the next beginning.
            *await check_ground(
                session, site, rows, method=batch.method, basis=basis, facility=facility, day=batch.treated_on
            ),
            *await check_outcome(session, rows, command, batch.method, started_at=batch.started_at, at=at),
        ]
    )
    left, leaf = await book(session, actor, site, batch, rows=rows, command=command, moment=moment_of(None, at))
    return batch, left, leaf


async def withdraw_batch(
    session: WriteSession, actor: Actor, command: WithdrawBatch, *, at: datetime
) -> tuple[TreatmentBatchRow, Appended]:
    """Give up a batch that runs: its containers stand as they stood. Raises BatchUnknown, BatchOver, Forbidden."""
    batch, site, rows = await _running(session, actor, command.batch_id)
    if not command.reason.strip():
        refuse_one("reason", "reason_missing", "Say why the batch is withdrawn.")
    batch.state = BatchState.WITHDRAWN.value
    for row in rows:
        row.treatment_batch_id = None
    await session.flush()
    leaf = await record(
        session,
        actor,
        "batch_withdrawn",
        subjects=(*(row.id for row in rows), site.id),
        moment=moment_of(None, at),
        facts={"batch": str(batch.id), "site": str(site.id), "reason": command.reason.strip()},
    )
    return batch, leaf


async def _running(
    session: WriteSession, actor: Actor, batch_id: UUID
) -> tuple[TreatmentBatchRow, Site, list[ContainerRow]]:
    """The batch and its containers, locked. Who finishes it and who withdraws it wait for each other at the batch."""
    batch = await queries.locked_batch(session, batch_id)
    site = await parties.site(session, batch.site_id)
    demand_own(actor, Verb.TREAT, site.organisation_id)
    if batch.state != BatchState.RUNNING.value:
        message = "The batch is {state}; only one that runs is finished or withdrawn."
        raise BatchOver("batch_over", message, state=BatchState(batch.state))
    held = await queries.in_batch(session, batch_id)
    return batch, site, await queries.locked(session, actor, [row.id for row in held])
