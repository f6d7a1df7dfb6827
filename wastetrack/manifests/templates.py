"""Templates of manifests: a usual transfer under a name, kept of a manifest that was planned once.

They are a firm's own notes: nothing of the log tells of them, and whoever files may keep, rename and delete them. A
template says neither which containers move nor when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, NotFound, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.manifests import grounds, queries
from wastetrack.manifests.model import ManifestKind
from wastetrack.manifests.template_tables import TemplateRow
from wastetrack.parties import field_rules
from wastetrack.parties import queries as parties

Template = TemplateRow
"""As other rooms read it."""
LONGEST_NAME = 60
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTemplate:
    """Command: keep how a manifest was planned, under a name."""

    manifest_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTemplate:
    """Command: call a template otherwise."""

    template_id: UUID
    name: str


async def keep_template(session: WriteSession, actor: Actor, command: KeepTemplate, *, at: datetime) -> TemplateRow:
    """Keep receiver, carriers, way, wastes and ground of one's own manifest, whatever became of it. Raises
    ManifestUnknown, Forbidden, RuleBroken."""
    row = await queries.manifest_row(session, actor, command.manifest_id)
    demand(actor, Verb.FILE)
    if row.shipper_id != actor.organisation_id or row.kind != ManifestKind.ROAD.value:
        message = "A template is made of a manifest by which your own organisation sends waste by road."
        refuse_one("manifest_id", "no_template_of_this", message, next_step="Choose one of your own manifests.")
    name = await _free_name(session, actor, command.name)
    legs = await queries.legs(session, row.id)
    plates = await parties.plates_of(session, [leg.vehicle_id for leg in legs])
    lines = await queries.line_rows(session, row.id)
    kept = TemplateRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        name=name,
        shipper_site_id=row.shipper_site_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        basis=row.basis,
        exemptions=sorted(await grounds.named(session, row.id)),
        legs=[
            {
                "carrier_id": str(leg.carrier_id),
                "plate": plates.get(leg.vehicle_id, ""),
                "handover_place": leg.handover_place,
            }
            for leg in legs
        ],
        waste_codes=sorted({line.waste_code for line in lines}),
        remarks=row.remarks,
        created_at=at,
        changed_at=at,
    )
    session.add(kept)
    await session.flush()
    return kept


async def rename_template(session: WriteSession, actor: Actor, command: RenameTemplate, *, at: datetime) -> TemplateRow:
    """Raises NotFound, Forbidden, RuleBroken."""
    row = await template(session, actor, command.template_id)
    demand(actor, Verb.FILE)
    row.name = await _free_name(session, actor, command.name, beside=row.id)
    row.changed_at = at
    await session.flush()
    return row


async def delete_template(session: WriteSession, actor: Actor, template_id: UUID) -> str:
    """Throw a template away; gives its name. Raises NotFound, Forbidden."""
    row = await template(session, actor, template_id)
    demand(actor, Verb.FILE)
    name = row.name
    await session.execute(delete(TemplateRow).where(col(TemplateRow.id) == row.id))
    return name


async def template(session: ReadSession, actor: Actor, template_id: UUID) -> TemplateRow:
    """One of one's own organisation's templates. Raises NotFound."""
    row = (
        await session.scalars(
            select(TemplateRow).where(
                col(TemplateRow.id) == template_id, col(TemplateRow.organisation_id) == actor.organisation_id
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound("template_unknown", "There is no such template.", template_id=template_id)
    return row


async def templates(session: ReadSession, actor: Actor) -> Sequence[TemplateRow]:
    """Those of one's own organisation, by name."""
    statement = (
        select(TemplateRow)
        .where(col(TemplateRow.organisation_id) == actor.organisation_id)
        .order_by(col(TemplateRow.name), col(TemplateRow.id))
        .limit(MOST)
    )
    return (await session.scalars(statement)).all()


async def _free_name(session: ReadSession, actor: Actor, name: str, *, beside: UUID | None = None) -> str:
    name = name.strip()
    refuse(field_rules.text("name", name, longest=LONGEST_NAME))
    same = select(col(TemplateRow.id)).where(
        col(TemplateRow.organisation_id) == actor.organisation_id,
        col(TemplateRow.name) == name,
        col(TemplateRow.id) != beside,
    )
    if await session.scalar(select(exists(same))):
        message = "There is a template called {value} already."
        refuse([Broken("name", "template_name_taken", message, name, next_step="Give it another name.")])
    return name
