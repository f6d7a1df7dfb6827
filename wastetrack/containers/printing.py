"""Print labels: each print is counted and stands in the log, and a label that replaces another makes that one void."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere
from wastetrack.containers.model import ContainerState, PrintLabels, PrintReason, check_chosen
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.tables import ContainerRow, LabelPrintRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended

ARTICLE = "HJ 1276-2022"


async def print_labels(
    session: WriteSession, actor: Actor, command: PrintLabels, *, at: datetime
) -> tuple[list[LabelPrintRow], Appended]:
    """Count and record that these labels are printed; where the reason voids the old ones, the next revision is valid.

    Raises ContainerUnknown, ContainerElsewhere for a container that is no more, Forbidden unless it stands at one's
    own site or is on its way from there, RuleBroken (a first print that is none, a reprint of what is no longer true).
    """
    refuse(check_chosen(command.container_ids))
    rows = await queries.locked(session, actor, command.container_ids)
    # One organisation prints: whose site it stands at, or who made it while it is on the road.
    sites = await parties.sites_by_id(session, {row.site_id for row in rows if row.site_id is not None})
    for holder_id in {_holder(row, sites) for row in rows}:
        demand_own(actor, Verb.LABEL, holder_id)
    printed = await queries.newest_prints(session, command.container_ids)
    refuse(broken for row in rows for broken in _check(row, printed.get(row.id), command.why))
    event_id, moment = new_id(), moment_of(None, at)
    prints: list[LabelPrintRow] = []
    for position, row in enumerate(rows):
        before = printed.get(row.id)
        if command.why.voids:
            row.label_revision += 1
        counted = before.print_number if before and before.revision == row.label_revision else 0
        prints.append(
            LabelPrintRow(
                event_id=event_id,
                container_id=row.id,
                position=position,
                revision=row.label_revision,
                print_number=counted + 1,
                why=command.why.value,
                paper=command.paper,
                net_g=row.net_g,
                printed_at=at,
            )
        )
    session.add_all(prints)
    await session.flush()
    leaf = await record(
        session,
        actor,
        "label_printed",
        subjects=tuple(row.id for row in rows),
        moment=moment,
        facts={
            "why": command.why.value,
            "paper": command.paper,
            "labels": [
                {"digital_code": row.digital_code, "revision": one.revision, "print_number": one.print_number}
                for row, one in zip(rows, prints, strict=True)
            ],
            "reason": command.reason.strip() or None,
        },
        event_id=event_id,
    )
    return prints, leaf


def _holder(row: ContainerRow, sites: Mapping[UUID, Site]) -> UUID:
    if row.site_id is not None:
        return sites[row.site_id].organisation_id
    if row.state == ContainerState.IN_TRANSIT.value:
        return row.organisation_id
    message = "Container {digital_code} is {state}; it needs no label any more."
    raise ContainerElsewhere("container_gone", message, digital_code=row.digital_code, state=ContainerState(row.state))


def _check(row: ContainerRow, newest: LabelPrintRow | None, why: PrintReason) -> list[Broken]:
    if newest is None:
        return []
    if why is PrintReason.FIRST:
        message = "The label of {value} was printed before."
        step = "Say why it is printed again: one more copy, the old one is damaged, or what it says has changed."
        return [Broken("why", "label_printed_before", message, row.digital_code, article=ARTICLE, next_step=step)]
    if why is PrintReason.REPRINT and newest.net_g != row.net_g:
        message = "The label of {value} says {printed}; its mass is {mass} now."
        facts: dict[str, object] = {"printed": Mass(newest.net_g).kg_text(), "mass": Mass(row.net_g).kg_text()}
        step = "Print it as changed; the old label is void then, so take it off."
        return [
            Broken("why", "label_outdated", message, row.digital_code, article=ARTICLE, facts=facts, next_step=step)
        ]
    return []
