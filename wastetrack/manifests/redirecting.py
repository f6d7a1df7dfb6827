"""Another receiver for a load under way: the shipper signs, the permit is asked anew, the old receiver is told."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.manifests import checking, grounds, queries, states
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.journey_model import Redirect
from wastetrack.manifests.journey_tables import RedirectionRow
from wastetrack.manifests.model import Act, ManifestState
from wastetrack.manifests.signing import check_version, event_id_of, refuse_unsigned, sign
from wastetrack.manifests.tables import LineRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended

ARTICLE = "令23 art. 11"


async def redirect(
    session: WriteSession, actor: Actor, command: Redirect, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The carrier delivers to whom the manifest names (令23 art. 11), so a change is signed by the shipper: everything
    that was asked of the first receiver is asked of this one, on this day, and its permit's quantity is booked instead.

    Raises ManifestUnknown, NotFound, OutOfOrder unless the load is on the road, Stale, Forbidden, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.REDIRECT)
    receiver = await parties.site(session, command.receiver_site_id)
    moment = moment_of(command.dated, at, after=row.last_act_at)
    lines = [line for line in await queries.line_rows(session, row.id) if line.outcome is None]
    transfer = _transfer(receiver, command.method, lines, moment)
    broken = _check(row, receiver, command)
    if command.signing is None:
        refuse_unsigned()
    redirection = await _write(session, row, receiver, command, moment)
    row.receiver_id, row.receiver_site_id = receiver.organisation_id, receiver.id
    row.destination_region, row.method = receiver.region_code, command.method
    ground, groundless = await grounds.examine(session, row, transfer, at=at)
    refuse([*broken, *groundless])
    await grounds.move(session, row.id, ground, at=at)
    viewers = {viewer_of_organisation(receiver.organisation_id), *viewers_of_region(receiver.region_code)}
    await show(session, queries.KIND, row.id, viewers)
    leaf = await sign(
        session,
        actor,
        row,
        Act.REDIRECT,
        moment=moment,
        container_ids=tuple(line.container_id for line in lines),
        facts={
            "old_receiver_site": str(redirection.old_receiver_site_id),
            "receiver_site": str(receiver.id),
            "method": command.method,
            "reason": redirection.reason,
            "permit_items": [
                {"waste_code": one.waste_code, "item": str(one.permit_item_id), "year": one.year, "g": one.grams}
                for one in ground.bookings
            ],
        },
        signing=replace(command.signing, event_id=redirection.id),
    )
    return row, leaf


async def _write(
    session: WriteSession, row: ManifestRow, receiver: Site, command: Redirect, moment: Moment
) -> RedirectionRow:
    """The record, under the name of the event that will state it."""
    redirection = RedirectionRow(
        id=event_id_of(command.signing),
        manifest_id=row.id,
        old_receiver_id=row.receiver_id,
        old_receiver_site_id=row.receiver_site_id,
        old_method=row.method,
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        reason=command.reason.strip(),
        happened_at=moment.happened_at,
    )
    session.add(redirection)
    await session.flush()
    return redirection


def _transfer(receiver: Site, method: str, lines: list[LineRow], moment: Moment) -> checking.Transfer:
    by_code: dict[str, int] = defaultdict(int)
    for line in lines:
        by_code[line.waste_code] += line.carried_g
    return checking.Transfer(
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        method=method,
        on=legal_day(moment.happened_at),
        grams_by_code=dict(by_code),
        load=Mass(sum(by_code.values())),
        legs=[],
    )


def _check(row: ManifestRow, receiver: Site, command: Redirect) -> list[Broken]:
    broken: list[Broken] = []
    if receiver.id == row.receiver_site_id:
        message = "The load goes there already."
        broken.append(Broken("receiver_site_id", "receiver_is_the_same", message, article=ARTICLE))
    if receiver.id == row.shipper_site_id:
        message = "The waste would go to the site that it comes from."
        step = "Let the receiver reject it; it then comes back on a linked manifest."
        broken.append(Broken("receiver_site_id", "receiver_is_shipper", message, next_step=step))
    if not command.reason.strip():
        broken.append(Broken("reason", "reason_missing", "Say why; the others on this manifest will read it."))
    return broken


async def note_redirection(session: WriteSession, actor: Actor, redirection_id: UUID, *, at: datetime) -> Appended:
    """The former receiver says that it knows. Raises NotFound, Forbidden, OutOfOrder where it has said so."""
    statement = sa.select(RedirectionRow).where(col(RedirectionRow.id) == redirection_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("redirection_unknown", "There is nothing of this name, or it is not for you to see.")
    await queries.manifest_row(session, actor, row.manifest_id)
    demand_own(actor, Verb.RECEIVE, row.old_receiver_id)
    if row.noted_at is not None:
        raise OutOfOrder("noted_already", "This was taken note of already.")
    row.noted_at = at
    await session.flush()
    return await record(
        session,
        actor,
        "manifest_redirection_noted",
        subjects=(row.manifest_id,),
        moment=Moment(happened_at=at, recorded_at=at),
        facts={"manifest": str(row.manifest_id), "redirection": str(row.id)},
    )
