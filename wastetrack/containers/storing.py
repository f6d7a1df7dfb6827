"""Weigh again, put into store, take out of store: what happens to a container while it stands at its site."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere
from wastetrack.containers.measuring import measured
from wastetrack.containers.model import ContainerState, StoreContainers, WeighContainer, check_chosen, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.stores import check_store, coming_from
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ledger import rules
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended


def standing_at(row: ContainerRow) -> UUID:
    """The site at which the container stands. Raises ContainerElsewhere when it stands at none."""
    if row.site_id is None:
        message = "Container {digital_code} does not stand at a site now: it is {state}."
        raise ContainerElsewhere(
            "container_elsewhere", message, digital_code=row.digital_code, state=ContainerState(row.state)
        )
    return row.site_id


def free_at(row: ContainerRow) -> UUID:
    """The site at which the container stands and may be changed. Raises ContainerElsewhere when it stands at none, or
    waits for the truck of a filed manifest, or is in a batch that runs."""
    if row.held_for is not None:
        message = "Container {digital_code} waits for the truck of a filed manifest; cancel that manifest first."
        raise ContainerElsewhere("container_on_filed_manifest", message, digital_code=row.digital_code)
    if row.treatment_batch_id is not None and row.state == ContainerState.AT_SITE.value:
        message = "Container {digital_code} is being treated; finish or withdraw its batch first."
        raise ContainerElsewhere("container_in_batch", message, digital_code=row.digital_code)
    return standing_at(row)


async def weigh_container(
    session: WriteSession, actor: Actor, command: WeighContainer, *, at: datetime
) -> tuple[ContainerRow, Appended]:
    """The maker weighs again before anybody took the container over; the difference is booked, the old figure stays
    in the log.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken.
    """
    (row,) = await queries.locked(session, actor, (command.container_id,))
    free_at(row)
    site = await parties.site(session, row.made_at_site_id)
    demand_own(actor, Verb.LABEL, site.organisation_id)
    measure = await measured(session, command.weighing, site_id=site.id, at=at, container_id=row.id)
    weighing = measure.weighing
    broken = [*measure.broken, *check_weighing(weighing, row.volume_l)]
    if row.site_id != row.made_at_site_id:
        message = (
            "Container {value} was taken over by its receiver; its mass is changed by a correction of the manifest."
        )
        broken.append(
            Broken("container_id", "already_taken_over", message, row.digital_code, next_step="Ask for a correction.")
        )
    refuse(broken)
    await measure.keep(session, site.organisation_id, row.id, at=at)
    before = Mass(row.net_g)
    difference = weighing.net - before
    row.gross_g, row.tare_g, row.net_g = weighing.gross.grams, weighing.tare.grams, weighing.net.grams
    row.method, row.scale_id = weighing.method.value, weighing.scale_id
    row.uncertainty_g = weighing.measurement().uncertainty_g
    await session.flush()
    entry = rules.reweighed(site.id, row.waste_code, difference, weighing.measurement()) if difference else None
    leaf = await record(
        session,
        actor,
        "container_weighed",
        subjects=(row.id, site.id),
        moment=moment_of(None, at),
        facts={
            "container": str(row.id),
            "digital_code": row.digital_code,
            "waste_code": row.waste_code,
            "old_net_g": before.grams,
            "net_g": row.net_g,
            "gross_g": row.gross_g,
            "tare_g": row.tare_g,
            "method": row.method,
            "scale": row.scale_id,
            "uncertainty_g": row.uncertainty_g,
        },
        entry=entry,
    )
    return row, leaf


async def store_containers(
    session: WriteSession, actor: Actor, command: StoreContainers, *, at: datetime
) -> tuple[list[ContainerRow], Appended]:
    """Put containers of one site into a storage area, or pick them out of store for loading (`store_id` None).

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken (containers of several sites, a full store).
    """
    refuse(check_chosen(command.container_ids))
    rows = await queries.locked(session, actor, command.container_ids)
    broken: list[Broken] = []
    sites = {standing_at(row) for row in rows}
    if len(sites) != 1:
        message = "These containers stand at {value} sites; store those of one site at a time."
        step = "Choose the containers of one site."
        broken.append(Broken("container_ids", "several_sites", message, len(sites), next_step=step))
    refuse(broken)
    site = await parties.site(session, standing_at(rows[0]))
    demand_own(actor, Verb.STORE, site.organisation_id)
    if command.store_id is not None:
        coming = [coming_from(row, stated=command.compatibility) for row in rows]
        moving = [row.id for row in rows]
        refuse(await check_store(session, command.store_id, site.id, coming, moving=moving))
    for row in rows:
        row.store_id = command.store_id
        if command.compatibility is not None:
            row.compatibility = command.compatibility.value
    await session.flush()
    leaf = await record(
        session,
        actor,
        "containers_stored" if command.store_id else "containers_picked",
        subjects=(*(row.id for row in rows), site.id),
        moment=moment_of(None, at),
        facts={
            "site": str(site.id),
            "store": str(command.store_id) if command.store_id else None,
            "digital_codes": [row.digital_code for row in rows],
            **command.handling.facts(),
        }
        | ({} if command.compatibility is None else {"compatibility": command.compatibility.value}),
    )
    return rows, leaf
