"""Re-code: the same content under another waste code, for a reason such as an identification (鉴别).

The digital code contains the waste code, so the content gets a container row, a code and a label anew, tied to the old
one by lineage; day of generation and term of storage go on.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.general_wastes import parse_any
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries
from wastetrack.containers.labelling import add_container, check_description, record_label
from wastetrack.containers.model import ContainerState, Description, LineageKind, Packaging, Weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.stores import check_store, coming_from
from wastetrack.containers.storing import free_at
from wastetrack.containers.tables import ContainerLineageRow, ContainerRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Malformed, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended


@dataclass(frozen=True, slots=True, kw_only=True)
class Recode:
    """Command: what is in a container is waste of another code."""

    container_id: UUID
    description: Description
    reason: str


async def recode(
    session: WriteSession, actor: Actor, command: Recode, *, at: datetime
) -> tuple[ContainerRow, Appended]:
    """Give the content of a container another code; give back the container that now holds it.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken: no reason, the same code, not in the list, or
    its store may not hold it under the new code.
    """
    (old,) = await queries.locked(session, actor, (command.container_id,))
    site = await parties.site(session, free_at(old))
    demand_own(actor, Verb.LABEL, site.organisation_id)
    lists = await catalogues.snapshot(session)
    broken = [*_check(command, old), *check_description(lists, command.description, on=legal_day(at))]
    refuse(broken)
    if old.store_id is not None:
        refuse(await _why_not_there(session, old, command.description))
    moment = moment_of(None, at)
    made = await add_container(
        session,
        site,
        command.description,
        packaging=Packaging(old.packaging),
        volume_l=old.volume_l,
        weighing=_weighing(old),
        moment=moment,
        generated_on=old.generated_on,
        store_id=old.store_id,
        since=old.stands_since,
    )
    event_id = new_id()
    old.state, old.site_id, old.store_id = ContainerState.EMPTIED.value, None, None
    session.add(
        ContainerLineageRow(parent_id=old.id, child_id=made.id, kind=LineageKind.RECODED.value, event_id=event_id)
    )
    await session.flush()
    await record_label(session, actor, made, moment=moment, entry=None, made_by=event_id)
    leaf = await record(
        session,
        actor,
        "container_recoded",
        subjects=(old.id, made.id, site.id),
        moment=moment,
        facts={
            "site": str(site.id),
            "from": [{"digital_code": old.digital_code, "waste_code": old.waste_code, "net_g": old.net_g}],
            "into": [{"digital_code": made.digital_code, "waste_code": made.waste_code, "net_g": made.net_g}],
            "reason": command.reason.strip(),
        },
        entry=rules.reclassified(site.id, old.waste_code, made.waste_code, Mass(old.net_g)),
        event_id=event_id,
    )
    return made, leaf


async def _why_not_there(session: WriteSession, old: ContainerRow, new: Description) -> list[Broken]:
    assert old.store_id is not None  # noqa: S101  asked for what stands in a store
    assert old.site_id is not None  # noqa: S101  the same
    coming = coming_from(old, described=new)
    broken = await check_store(session, old.store_id, old.site_id, (coming,), moving=(old.id,))
    # What is closed or divided since is no matter of the code.
    return [rule for rule in broken if rule.code in {"incompatible", "pool_of_one", "containment_too_small"}]


def _weighing(old: ContainerRow) -> Weighing:
    return Weighing(
        gross=Mass(old.gross_g),
        tare=Mass(old.tare_g),
        method=WeighingMethod(old.method),
        scale_id=old.scale_id,
        uncertainty=None if old.uncertainty_g is None else Mass(old.uncertainty_g),
        confirmed=True,
    )


def _check(command: Recode, old: ContainerRow) -> list[Broken]:
    broken = []
    if not command.reason.strip():
        step = "Name the report of identification, or what else showed it."
        message = "Say why the waste gets another code."
        broken.append(
            Broken("reason", "recoding_unexplained", message, article="国家危险废物名录 第六条", next_step=step)
        )
    try:
        same = str(parse_any(command.description.waste_code)) == old.waste_code
    except Malformed:
        return broken  # told with the description
    if same:
        message = "The container bears the code {value} already."
        step = "Give the new code."
        broken.append(Broken("waste_code", "same_code", message, old.waste_code, next_step=step))
    return broken
