"""Treat a batch: the end of a container's kilograms, and the beginning of its residues'."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues import queries as catalogues
from wastetrack.containers import queries
from wastetrack.containers.labelling import add_container, check_description, record_label
from wastetrack.containers.ledger_facts import Generation
from wastetrack.containers.model import (
    ContainerState,
    Residue,
    Treat,
    check_chosen,
    check_volume,
    check_weighing,
)
from wastetrack.containers.moments import check_day, moment_of
from wastetrack.containers.permission import why_not_permitted
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.storing import free_at
from wastetrack.containers.tables import ContainerRow, TreatmentBatchRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended


async def treat(
    session: WriteSession, actor: Actor, command: Treat, *, at: datetime
) -> tuple[TreatmentBatchRow, list[ContainerRow], Appended]:
    """Book containers at one site as treated by a method; give back the batch and the residues' containers.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken (method or code not on the site's permit that
    day, containers of another site, bad residue weighings).
    """
    refuse(check_chosen(command.container_ids))
    rows = await queries.locked(session, actor, command.container_ids)
    for row in rows:
        free_at(row)
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.TREAT, site.organisation_id)
    refuse(await _check(session, site.organisation_id, command, rows, at=at))
    moment = moment_of(None, at)
    batch = TreatmentBatchRow(
        id=new_id(),
        site_id=site.id,
        method=command.method,
        treated_on=command.treated_on,
        input_g=sum(row.net_g for row in rows),
        residue_g=sum(residue.weighing.net.grams for residue in command.residues),
        created_at=at,
    )
    session.add(batch)
    await session.flush()  # the containers name their batch
    for row in rows:
        row.state, row.site_id, row.store_id = ContainerState.TREATED.value, None, None
        row.treatment_batch_id = batch.id
    await session.flush()
    # Serials before accounts, as a label takes them: the other way round two units of work could wait for each other.
    residues = [await _contain(session, site, residue, command, moment) for residue in command.residues]
    leaf = await record(
        session,
        actor,
        "batch_treated",
        subjects=(*(row.id for row in rows), site.id),
        moment=moment,
        facts={
            "site": str(site.id),
            "method": command.method,
            "treated_on": command.treated_on.isoformat(),
            "containers": [
                {"digital_code": row.digital_code, "waste_code": row.waste_code, "net_g": row.net_g} for row in rows
            ],
            "residues": [row.digital_code for row in residues],
            "residue_g": batch.residue_g,
            **command.operation.facts(),
        },
        entry=rules.treated(site.id, command.method, tuple((row.waste_code, Mass(row.net_g)) for row in rows)),
        event_id=batch.id,
    )
    # What treatment leaves was made by the facility that treated.
    plant = Generation(facility_code=command.operation.facility_code, handler=command.operation.handler).facts()
    for residue, made in zip(command.residues, residues, strict=True):
        entry = rules.residue(site.id, made.waste_code, residue.weighing.net, residue.weighing.measurement())
        await record_label(session, actor, made, moment=moment, entry=entry, made_by=batch.id, told=plant)
    return batch, residues, leaf


async def _contain(session: WriteSession, site: Site, residue: Residue, command: Treat, moment: Moment) -> ContainerRow:
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


async def _check(
    session: WriteSession, holder_id: UUID, command: Treat, rows: list[ContainerRow], *, at: datetime
) -> list[Broken]:
    broken = check_day("treated_on", command.treated_on, at, made_on=[row.generated_on for row in rows])
    for row in rows:
        if row.site_id != command.site_id:
            message = "Container {value} does not stand at this site."
            step = "Treat it at the site where it stands."
            broken.append(Broken("container_ids", "other_site", message, row.digital_code, next_step=step))
    codes = [row.waste_code for row in rows]
    broken += await why_not_permitted(
        session, holder_id, command.site_id, codes, method=command.method, on=command.treated_on
    )
    lists = await catalogues.snapshot(session)
    for index, residue in enumerate(command.residues):
        broken += check_description(lists, residue.description, on=command.treated_on, field=f"residues.{index}.")
        broken += check_volume(residue.volume_l, residue.packaging)
        broken += check_weighing(residue.weighing, residue.volume_l, field=f"residues.{index}.gross_g")
    return broken
