"""General industrial solid waste leaves its site without a manifest: booked out to whoever takes it."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues import treatments
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers import queries
from wastetrack.containers.leaving_rules import SendOut, why_not_told, why_not_without_manifest
from wastetrack.containers.model import ContainerState, check_chosen
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.storing import free_at
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ledger import rules
from wastetrack.mass import Mass
from wastetrack.parties import plates
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended


async def send_out(
    session: WriteSession, actor: Actor, command: SendOut, *, at: datetime
) -> tuple[list[ContainerRow], Appended]:
    """Take containers off a site's books, for good: what becomes of their content is its receiver's to say.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken: hazardous waste, a place where general waste
    needs a manifest, containers of several sites, something unsaid.
    """
    refuse(check_chosen(command.container_ids))
    rows = await queries.locked(session, actor, command.container_ids)
    sites = {free_at(row) for row in rows}
    site = await parties.site(session, min(sites))
    demand_own(actor, Verb.FILE, site.organisation_id)
    moment = moment_of(command.happened_at, at, after=max(row.stands_since or row.created_at for row in rows))
    lists, day = await catalogues.snapshot(session), legal_day(moment.happened_at)
    broken = [
        *why_not_without_manifest(jurisdiction().general_waste_manifest, (row.waste_code for row in rows)),
        *lists.why_not_treatment(command.method, day),
        *why_not_told(command),
    ]
    if len(sites) > 1:
        message = "These containers stand at {value} sites; book out those of one site at a time."
        step = "Choose the containers of one site."
        broken.append(Broken("container_ids", "several_sites", message, len(sites), next_step=step))
    refuse(broken)
    method = str(treatments.parse(command.method))
    for row in rows:
        row.state, row.site_id, row.store_id = ContainerState.SENT_OUT.value, None, None
    await session.flush()
    leaf = await record(
        session,
        actor,
        "general_waste_sent_out",
        subjects=(*(row.id for row in rows), site.id),
        moment=moment,
        facts={"site": str(site.id), "method": method, **_facts(command, rows)},
        entry=rules.sent_out(site.id, method, tuple((row.waste_code, Mass(row.net_g)) for row in rows)),
    )
    return rows, leaf


def _facts(command: SendOut, rows: list[ContainerRow]) -> dict[str, object]:
    return {
        "containers": [{"digital_code": row.digital_code, "waste_code": row.waste_code} for row in rows],
        "net_g": sum(row.net_g for row in rows),
        "taken_by": command.receiver.strip(),
        "taken_on": str(plates.parse(command.plate)),
        "taken_with": command.reference.strip(),
        "handler": command.handler.strip() or None,
    }
