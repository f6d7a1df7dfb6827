"""An authority lets waste stand longer than a year (固废法 art. 81): recorded by it, with its reason and its end."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region, visible
from wastetrack.catalogues.general_wastes import parse_any
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.clocks import years_after
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import record
from wastetrack.containers.tables import StorageExtensionRow
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Malformed, refuse
from wastetrack.ids import new_id
from wastetrack.parties import field_rules
from wastetrack.parties import policy as register
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended

KIND = "storage_extension"
ARTICLE = "固废法 art. 81"
# The law names no longest extension; a slipped year is further away than this.
LONGEST_YEARS = 3
StorageExtension = StorageExtensionRow
"""The row under the name by which other rooms know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendStorage:
    """Command: waste of a site, of one code or of all (None), may stand until a day."""

    site_id: UUID
    waste_code: str | None
    until: date
    document: str
    reason: str


async def extend_storage(
    session: WriteSession, actor: Actor, command: ExtendStorage, *, at: datetime
) -> tuple[StorageExtensionRow, Appended]:
    """Record an extension. Raises NotFound, Forbidden (only an approver of the region), RuleBroken."""
    site = await parties.site(session, command.site_id)
    register.demand(register.may_permit(actor, site.region_code), "may_not_extend_storage")
    refuse(_check(command, at))
    row = StorageExtensionRow(
        id=new_id(),
        site_id=site.id,
        waste_code=None if command.waste_code is None else str(parse_any(command.waste_code)),
        until=command.until,
        document=command.document.strip(),
        reason=command.reason.strip(),
        authority_id=actor.organisation_id,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    viewers = (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code))
    await show(session, KIND, row.id, viewers)
    leaf = await record(
        session,
        actor,
        "storage_extended",
        subjects=(row.id, site.id),
        moment=moment_of(None, at),
        facts={
            "site": str(site.id),
            "waste_code": row.waste_code,
            "until": row.until.isoformat(),
            "document": row.document,
            "reason": row.reason,
        },
    )
    return row, leaf


async def extensions_of(session: ReadSession, actor: Actor, site_id: UUID) -> list[StorageExtensionRow]:
    """The extensions of a site that the actor may see, newest first."""
    query = (
        select(StorageExtensionRow)
        .where(col(StorageExtensionRow.site_id) == site_id, visible(actor, KIND, col(StorageExtensionRow.id)))
        .order_by(col(StorageExtensionRow.id).desc())
    )
    return list((await session.scalars(query)).all())


def _check(command: ExtendStorage, at: datetime) -> list[Broken]:
    broken = [
        *field_rules.text("document", command.document, longest=60, article=ARTICLE),
        *field_rules.text("reason", command.reason, article=ARTICLE),
    ]
    today = legal_day(at)
    if not today < command.until <= years_after(today, LONGEST_YEARS):
        message = "The extension ends on {value}, which is over already or more than {years} years away."
        step = "Give the last day that the decision names."
        facts: dict[str, object] = {"years": LONGEST_YEARS}
        broken.append(
            Broken("until", "extension_implausible", message, command.until.isoformat(), ARTICLE, step, facts)
        )
    if command.waste_code is not None:
        try:
            parse_any(command.waste_code)
        except Malformed as unreadable:
            step = "Write a code as 900-249-08, or leave it empty for all waste of the site."
            broken.append(unreadable.as_broken("waste_code", command.waste_code, next_step=step))
    return broken
