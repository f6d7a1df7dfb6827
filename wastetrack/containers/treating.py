"""Treat a batch: the end of a container's kilograms, and the beginning of its residues'.

A batch that is done within the day is booked at once, here; one that runs for days is begun and finished in
batching.py, which books by the same steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries
from wastetrack.containers.batch_checking import Ended, check_outcome, check_start, heels_of
from wastetrack.containers.batch_rules import BatchBasis, BatchState, Heel, Reading, balance
from wastetrack.containers.labelling import add_container, record_label
from wastetrack.containers.ledger_facts import Generation, Operation
from wastetrack.containers.measuring import keep_reading, measured_residues
from wastetrack.containers.model import ContainerState, Residue, Treat, check_chosen
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.storing import free_at
from wastetrack.containers.tables import BatchProductRow, BatchReadingRow, ContainerRow, TreatmentBatchRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.facility_queries import facilities_by_id
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended


async def treat(
    session: WriteSession, actor: Actor, command: Treat, *, at: datetime
) -> tuple[TreatmentBatchRow, list[ContainerRow], Appended]:
    """Book containers at one site as treated by a method; give back the batch and the residues' containers.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken (method or code not on the site's permit that
    day, containers of another site, bad residue weighings, products heavier than what went in).
    """
    refuse(check_chosen(command.container_ids))
    rows = await queries.locked(session, actor, command.container_ids)
    for row in rows:
        free_at(row)
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.TREAT, site.organisation_id)
    residues, broken = await measured_residues(session, command.residues, site_id=site.id, at=at)
    command = replace(command, residues=residues)
    refuse(
        [
            *broken,
            *await check_start(
                session,
                actor,
                site,
                rows,
                method=command.method,
                plan=command.plan,
                day=command.treated_on,
                at=at,
            ),
            *await check_outcome(session, rows, command, command.method, started_at=command.plan.started_at, at=at),
        ]
    )
    batch = TreatmentBatchRow(
        id=new_id(),
        site_id=site.id,
        method=command.method,
        treated_on=command.treated_on,
        input_g=sum(row.net_g for row in rows),
        residue_g=0,
        basis=command.plan.basis.value,
        facility_id=command.plan.facility_id,
        recipe=command.plan.recipe.strip(),
        started_at=command.plan.started_at,
        created_at=at,
    )
    session.add(batch)
    await session.flush()  # its containers, readings and products name it
    write_readings(session, batch.id, command.plan.components, after=0)
    left, leaf = await book(session, actor, site, batch, rows=rows, command=command, moment=moment_of(None, at))
    return batch, left, leaf


def write_readings(session: WriteSession, batch_id: UUID, readings: Sequence[Reading], *, after: int) -> None:
    """Write readings of a batch, numbered on from those before."""
    session.add_all(
        BatchReadingRow(
            batch_id=batch_id,
            position=after + index,
            kind=reading.kind.value,
            name=reading.name.strip(),
            quantity=reading.quantity,
            unit=reading.unit.strip(),
        )
        for index, reading in enumerate(readings)
    )


@dataclass(frozen=True, slots=True)
class Went:
    """What of a container was treated, and what stayed in it."""

    row: ContainerRow
    treated: Mass
    heel: Heel | None


async def book(
    session: WriteSession,
    actor: Actor,
    site: Site,
    batch: TreatmentBatchRow,
    *,
    rows: Sequence[ContainerRow],
    command: Ended,
    moment: Moment,
) -> tuple[list[ContainerRow], Appended]:
    """End a batch that was checked: its containers, its residues, its event with the entry."""
    went = [_end(row, batch, heel) for row, heel in heels_of(rows, command.outcome.heels)]
    outcome = command.outcome
    batch.state, batch.treated_on = BatchState.FINISHED.value, command.treated_on
    batch.finished_at = outcome.finished_at
    batch.input_g = sum(one.treated.grams for one in went)
    batch.residue_g = sum(residue.weighing.net.grams for residue in command.residues)
    batch.product_g = sum(product.mass.grams for product in outcome.products)
    before = len(await queries.readings_of(session, batch.id))
    write_readings(session, batch.id, outcome.readings, after=before)
    session.add_all(
        BatchProductRow(
            batch_id=batch.id,
            position=index,
            name=product.name.strip(),
            mass_g=product.mass.grams,
            destination=product.destination.strip(),
        )
        for index, product in enumerate(outcome.products)
    )
    await session.flush()
    operation = await _operation(session, actor, batch, command)
    # Serials before accounts, as a label takes them: the other way round two units of work could wait for each other.
    residues = [await _contain(session, site, residue, command, moment) for residue in command.residues]
    leaf = await record(
        session,
        actor,
        "batch_treated",
        subjects=(*(row.id for row in rows), site.id),
        moment=moment,
        facts=_facts(batch, went, residues, command) | operation.facts(),
        entry=rules.treated(site.id, batch.method, tuple((one.row.waste_code, one.treated) for one in went)),
        event_id=batch.id,
    )
    # What treatment leaves was made by the facility that treated.
    plant = Generation(facility_code=operation.facility_code, handler=operation.handler).facts()
    for residue, made in zip(command.residues, residues, strict=True):
        await keep_reading(session, residue.weighing, site.organisation_id, made.id, at=moment.recorded_at)
        entry = rules.residue(site.id, made.waste_code, residue.weighing.net, residue.weighing.measurement())
        await record_label(session, actor, made, moment=moment, entry=entry, made_by=batch.id, told=plant)
    return residues, leaf


async def _operation(session: WriteSession, actor: Actor, batch: TreatmentBatchRow, command: Ended) -> Operation:
    """What the ledger asks beside the batch: the code of its registered facility, and when it was finished."""
    told = replace(command.operation, finished_at=command.outcome.finished_at or command.operation.finished_at)
    if batch.facility_id is None:
        return told
    facility = (await facilities_by_id(session, actor, (batch.facility_id,))).get(batch.facility_id)
    return told if facility is None else replace(told, facility_code=facility.code)


def _end(row: ContainerRow, batch: TreatmentBatchRow, heel: Heel | None) -> Went:
    """A container's end, or, with something left in it, its staying where it is with that."""
    whole = Mass(row.net_g)
    if heel is None:
        row.state, row.site_id, row.store_id = ContainerState.TREATED.value, None, None
        row.treatment_batch_id = batch.id
        return Went(row, whole, None)
    row.gross_g, row.net_g = heel.gross.grams, heel.gross.grams - row.tare_g
    row.method, row.scale_id, row.uncertainty_g = heel.method.value, heel.scale_id, None
    row.treatment_batch_id = None
    return Went(row, whole - Mass(row.net_g), heel)


async def _contain(session: WriteSession, site: Site, residue: Residue, command: Ended, moment: Moment) -> ContainerRow:
    return await add_container(
        session,
        site,
        residue.description,
        packaging=residue.packaging,
        volume_l=residue.volume_l,
        weighing=residue.weighing,
        moment=moment,
        generated_on=command.treated_on,
    )


def _facts(
    batch: TreatmentBatchRow, went: Sequence[Went], residues: Sequence[ContainerRow], command: Ended
) -> dict[str, object]:
    """What the log says of the batch; what there is nothing to say of is left out."""
    outcome = command.outcome
    whole = balance(
        Mass(batch.input_g),
        outcome.readings,
        outcome.products,
        [residue.weighing.net for residue in command.residues],
    )
    details: Mapping[str, object] = {
        "basis": batch.basis if batch.basis != BatchBasis.PERMIT.value else None,
        "facility": None if batch.facility_id is None else str(batch.facility_id),
        "recipe": batch.recipe or None,
        "started_at": None if batch.started_at is None else batch.started_at.isoformat(),
        "finished_at": None if batch.finished_at is None else batch.finished_at.isoformat(),
        "readings": [
            {"kind": one.kind.value, "name": one.name, "quantity": f"{one.quantity:f}", "unit": one.unit}
            for one in outcome.readings
        ]
        or None,
        "products": [
            {"name": one.name, "mass_g": one.mass.grams, "destination": one.destination} for one in outcome.products
        ]
        or None,
    }
    return {
        "site": str(batch.site_id),
        "method": batch.method,
        "treated_on": command.treated_on.isoformat(),
        "containers": [_container_facts(one) for one in went],
        "residues": [row.digital_code for row in residues],
        "residue_g": batch.residue_g,
        "rest_g": whole.rest.grams,
        **{name: fact for name, fact in details.items() if fact is not None},
    }


def _container_facts(went: Went) -> dict[str, object]:
    row = went.row
    facts: dict[str, object] = {
        "digital_code": row.digital_code,
        "waste_code": row.waste_code,
        "net_g": went.treated.grams,
    }
    if went.heel is not None:
        facts |= {"heel_g": row.net_g, "gross_g": row.gross_g, "tare_g": row.tare_g, "method": row.method}
    return facts
