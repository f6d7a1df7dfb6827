"""Repack, merge, split: content changes its container, never its mass unless the difference is named."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers import queries
from wastetrack.containers.labelling import add_container, record_label
from wastetrack.containers.measuring import keep_reading, measured
from wastetrack.containers.model import (
    UNREMARKABLE,
    ContainerState,
    Description,
    Filling,
    Form,
    LineageKind,
    Repack,
    check_chosen,
    check_volume,
    check_weighing,
)
from wastetrack.containers.moments import check_day, moment_of
from wastetrack.containers.packaging_rules import Put, check_form, why_not_taken_out
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.storing import free_at
from wastetrack.containers.tables import ContainerLineageRow, ContainerRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import DiscrepancyKind, EntryKind
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended


async def repack(
    session: WriteSession, actor: Actor, command: Repack, *, at: datetime
) -> tuple[list[ContainerRow], Appended]:
    """Empty some containers into others at the same site; give back the new ones.

    Raises ContainerUnknown, ContainerElsewhere, Forbidden, RuleBroken: unlike codes (固废法 art. 81 forbids mixing),
    several into several, an unexplained loss or gain.
    """
    refuse(check_chosen(command.from_ids, field="from_ids"))
    parents = await queries.locked(session, actor, command.from_ids)
    for row in parents:
        free_at(row)
    site = await parties.site(session, free_at(parents[0]))
    demand_own(actor, Verb.STORE, site.organisation_id)
    into, broken = await _as_weighed(session, command.into, site, at)
    refuse([*broken, *_check(command, parents, at=at)])
    moment = moment_of(None, at)
    # The oldest content decides: what stands too long does not become young in another container.
    since = min((row.stands_since for row in parents if row.stands_since is not None), default=None)
    children = [
        await _fill(session, site, parents[0], filling, on=command.repacked_on, moment=moment, since=since)
        for filling in into
    ]
    event_id = new_id()
    kind = _kind(command)
    for parent in parents:
        parent.state, parent.site_id, parent.store_id = ContainerState.EMPTIED.value, None, None
        session.add_all(
            ContainerLineageRow(parent_id=parent.id, child_id=child.id, kind=kind.value, event_id=event_id)
            for child in children
        )
    await session.flush()
    for child in children:
        await record_label(session, actor, child, moment=moment, entry=None, made_by=event_id)
    found_more = Mass(sum(child.net_g for child in children) - sum(parent.net_g for parent in parents))
    entry = None
    if found_more:
        entry = rules.found_different(
            site.id, parents[0].waste_code, found_more, DiscrepancyKind.WEIGHING, entry_kind=EntryKind.REPACKED
        )
    leaf = await record(
        session,
        actor,
        "containers_repacked",
        subjects=(*(row.id for row in (*parents, *children)), site.id),
        moment=moment,
        facts={
            "site": str(site.id),
            "kind": kind.value,
            "from": [{"digital_code": row.digital_code, "net_g": row.net_g} for row in parents],
            "into": [{"digital_code": row.digital_code, "net_g": row.net_g} for row in children],
            "reason": command.loss_reason.strip() or None,
        },
        entry=entry,
        event_id=event_id,
    )
    return children, leaf


async def _as_weighed(
    session: WriteSession, into: Sequence[Filling], site: Site, at: datetime
) -> tuple[list[Filling], list[Broken]]:
    """The fillings as their scales stand for them, and what stands against the readings."""
    measures = [
        await measured(session, filling.weighing, site_id=site.id, at=at, field=f"into.{index}.")
        for index, filling in enumerate(into)
    ]
    told = [replace(filling, weighing=measure.weighing) for filling, measure in zip(into, measures, strict=True)]
    return told, [rule for measure in measures for rule in measure.broken]


async def _fill(
    session: WriteSession,
    site: Site,
    parent: ContainerRow,
    filling: Filling,
    *,
    on: date,
    moment: Moment,
    since: datetime | None,
) -> ContainerRow:
    made = await add_container(
        session,
        site,
        Description(
            waste_code=parent.waste_code,
            waste_name=parent.waste_name,
            form=Form(parent.form),
            hazards=tuple(parent.hazards),
            main_components=parent.main_components,
            harmful_components=parent.harmful_components,
            precautions=parent.precautions,
            remarks=filling.remarks,
            compatibility=None if parent.compatibility is None else CompatibilityClass(parent.compatibility),
        ),
        packaging=filling.packaging,
        volume_l=filling.volume_l,
        weighing=filling.weighing,
        moment=moment,
        generated_on=on,
        since=since,
        like=parent,
    )
    await keep_reading(session, filling.weighing, site.organisation_id, made.id, at=moment.recorded_at)
    return made


def _kind(command: Repack) -> LineageKind:
    if len(command.from_ids) > 1:
        return LineageKind.MERGED
    return LineageKind.SPLIT if len(command.into) > 1 else LineageKind.REPACKED


def _put(parent: ContainerRow, filling: Filling) -> Put:
    return Put(waste_code=parent.waste_code, form=Form(parent.form), packaging=filling.packaging, packed=UNREMARKABLE)


def _check(command: Repack, parents: list[ContainerRow], *, at: datetime) -> list[Broken]:
    made_on = [row.generated_on for row in parents]
    broken = check_day("repacked_on", command.repacked_on, at, made_on=made_on)
    if len(command.from_ids) > 1 and len(command.into) > 1:
        message = "Several containers into several others cannot be followed; repack one side at a time."
        step = "Merge them into one, or split one after the other."
        broken.append(Broken("into", "lineage_unclear", message, len(command.into), next_step=step))
    if not command.into:
        broken.append(Broken("into", "nothing_filled", "Name at least one new container."))
    codes = sorted({row.waste_code for row in parents})
    if len(codes) > 1:
        message = "Wastes of different codes must not be mixed: {value}."
        step = "Repack each code by itself."
        broken.append(
            Broken("from_ids", "codes_mixed", message, ", ".join(codes), article="固废法 art. 81", next_step=step)
        )
    for code in codes:
        broken += why_not_taken_out(code)
    if len({(row.basis, row.basis_method) for row in parents}) > 1:
        message = "These containers came on different grounds, and may not all be treated alike."
        step = "Repack those of each ground by themselves."
        broken.append(Broken("from_ids", "grounds_mixed", message, article="固废法 art. 80", next_step=step))
    if len({row.site_id for row in parents}) > 1:
        message = "These containers stand at several sites."
        step = "Choose the containers of one site."
        broken.append(Broken("from_ids", "several_sites", message, next_step=step))
    for index, filling in enumerate(command.into):
        broken += check_volume(filling.volume_l, filling.packaging)
        broken += check_weighing(filling.weighing, filling.volume_l, field=f"into.{index}.gross_g")
        broken += check_form(_put(parents[0], filling), f"into.{index}.")
    difference = Mass(sum(filling.weighing.net.grams for filling in command.into) - sum(row.net_g for row in parents))
    if difference and not command.loss_reason.strip():
        message = "The new containers hold {value} against the old ones; say why."
        step = "Weigh again, or give the reason; the difference is booked as a discrepancy of the site."
        broken.append(Broken("loss_reason", "difference_unexplained", message, difference.kg_text(), next_step=step))
    return broken
