"""Somebody sends a file, and later says yes or no to what was found in it. The work between is done by a worker."""

import dataclasses
import hashlib
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.i18n import Locale, message
from wastetrack.ids import new_id
from wastetrack.imports import queries
from wastetrack.imports.model import CHECK, LARGEST_FILE, OF_A_SITE, TAKE_IN, Import, ImportKind, ImportState
from wastetrack.imports.reading import media_type_of
from wastetrack.imports.tables import ImportFileRow, ImportRow
from wastetrack.parties import queries as parties
from wastetrack.tasks import starting

VERBS = {
    ImportKind.CONTAINERS: Verb.LABEL,
    ImportKind.MANIFESTS: Verb.FILE,
    ImportKind.STOCK: Verb.LABEL,
    ImportKind.VEHICLES: Verb.MANAGE_FLEET,
    ImportKind.DRIVERS: Verb.MANAGE_FLEET,
    ImportKind.CONTRACTS: Verb.FILE,
}
"""Whoever may make one of them by the form may make many by a file."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Command: check this file; what belongs to the whole firm needs no site. `again`: the same file was taken in
    before, and is meant once more."""

    kind: ImportKind
    site_id: UUID | None
    name: str
    content: bytes = dataclasses.field(repr=False)
    locale: Locale = "zh"
    again: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Command: take it in. `warnings`: how many the person has read, which is his answer to all of them."""

    import_id: UUID
    warnings: int


async def offer(session: WriteSession, actor: Actor, command: Offer, *, at: datetime) -> Import:
    """Keep the file and queue its check. Raises NotFound for the site, Forbidden, RuleBroken at `site_id`, `file`,
    `again`."""
    owner_id = await _owner(session, actor, command)
    demand_own(actor, VERBS[command.kind], owner_id)
    sha256 = hashlib.sha256(command.content).hexdigest()
    refuse([*_why_no_site(command), *_why_not_kept(command), *await _why_not_again(session, actor, command, sha256)])
    row = ImportRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        site_id=command.site_id if command.kind in OF_A_SITE else None,
        person_id=actor.person_id,
        kind=command.kind.value,
        locale=command.locale,
        name=command.name,
        size=len(command.content),
        sha256=sha256,
        state=ImportState.CHECKING.value,
        summary={},
        created_at=at,
    )
    session.add(row)
    await session.flush()
    media_type = media_type_of(command.content)
    session.add(ImportFileRow(import_id=row.id, role="sent", media_type=media_type, content=command.content))
    row.task_id = await starting.start(
        session,
        actor,
        kind=CHECK,
        title=message("Check of {name}"),
        facts={"name": command.name},
        arguments={"import_id": str(row.id)},
        at=at,
    )
    await session.flush()
    return queries.shown(row, None)


async def _owner(session: WriteSession, actor: Actor, command: Offer) -> UUID:
    if command.site_id is None or command.kind not in OF_A_SITE:
        return actor.organisation_id
    return (await parties.site(session, command.site_id)).organisation_id


def _why_no_site(command: Offer) -> list[Broken]:
    if command.kind not in OF_A_SITE or command.site_id is not None:
        return []
    step = message("Choose the site where it stands.")
    return [Broken("site_id", "missing", "This is needed.", next_step=step)]


async def confirm(session: WriteSession, actor: Actor, command: Confirm, *, at: datetime) -> Import:
    """Say yes: queue the taking in. Said already, nothing more happens.

    Raises NotFound, Forbidden, Conflict where it has errors or was withdrawn, RuleBroken at `warnings` where there are
    others than the person has read.
    """
    row, standing = await _own(session, actor, command.import_id)
    if standing.state in {ImportState.IMPORTING, ImportState.IMPORTED}:
        return standing
    if standing.state is not ImportState.READY:
        raise Conflict("import_not_ready", "This import cannot be confirmed: it has errors, or is not checked yet.")
    if row.warnings and command.warnings != row.warnings:
        refuse([_unread(row.warnings)])
    row.state, row.confirmed_at, row.confirmed_by = ImportState.IMPORTING.value, at, actor.person_id
    row.task_id = await starting.start(
        session,
        actor,
        kind=TAKE_IN,
        title=message("Import of {name}"),
        facts={"name": row.name},
        arguments={"import_id": str(row.id)},
        at=at,
    )
    await session.flush()
    return queries.shown(row, None)


async def withdraw(session: WriteSession, actor: Actor, import_id: UUID) -> Import:
    """Say no. Raises NotFound, Forbidden, Conflict where it is under way or taken in."""
    row, standing = await _own(session, actor, import_id)
    if standing.state in {ImportState.IMPORTING, ImportState.IMPORTED, ImportState.CHECKING}:
        raise Conflict("import_under_way", "This import is under way or done; it cannot be withdrawn.")
    row.state = ImportState.WITHDRAWN.value
    await session.flush()
    return queries.shown(row, None)


async def _own(session: WriteSession, actor: Actor, import_id: UUID) -> tuple[ImportRow, Import]:
    row = await session.get(ImportRow, import_id, with_for_update=True, populate_existing=True)
    if row is None or row.organisation_id != actor.organisation_id:
        raise NotFound("import_unknown", "There is no such import.", import_id=import_id)
    demand_own(actor, VERBS[ImportKind(row.kind)], row.organisation_id)
    return row, await queries.one_import(session, actor, import_id)


def _why_not_kept(command: Offer) -> list[Broken]:
    if not command.content.strip():
        words, step = message("The file is empty."), message("Choose the file with your rows.")
        return [Broken("file", "file_empty", words, next_step=step)]
    if len(command.content) > LARGEST_FILE:
        words, step = message("The file has more than {most} bytes."), message("Send fewer rows at once.")
        return [Broken("file", "file_too_large", words, next_step=step, facts={"most": LARGEST_FILE})]
    return []


async def _why_not_again(session: WriteSession, actor: Actor, command: Offer, sha256: str) -> list[Broken]:
    before = () if command.again else await queries.same_before(session, actor, sha256)
    if not before:
        return []
    facts: dict[str, object] = {"day": legal_day(before[0].created_at).isoformat(), "name": before[0].name}
    words = message("The very same file was imported on {day} as “{name}”.")
    step = message("If it is meant once more, say so; everything in it is then made a second time.")
    return [Broken("again", "same_file_before", words, next_step=step, facts=facts)]


def _unread(count: int) -> Broken:
    words = message("Nobody has said yet that what is warned of is right ({count}).")
    step = message("Look at them, and say that they are right; or mend the file and send it anew.")
    return Broken("warnings", "warnings_unread", words, next_step=step, facts={"count": count})
