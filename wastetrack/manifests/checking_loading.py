"""The shipper's look at carrier, vehicle, crew, labels and packages before the load is handed out (令23 art. 13).

It moves nothing and leaves the state as it is; it is signed, stands in the log, and is made once for a manifest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries as containers
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, refuse
from wastetrack.i18n import message
from wastetrack.manifests import grounds, queries, states
from wastetrack.manifests.model import Act, ManifestKind, ManifestState, SignAct
from wastetrack.manifests.signing import check_version, sign
from wastetrack.manifests.tables import ManifestRow
from wastetrack.manifests.transporting import loaded_transfer, loading_checked, why_not_loads
from wastetrack.transparency.appending import Appended

ARTICLE: Final = "令23 art. 13"


class LoadingPoint(StrEnum):
    """What the shipper has looked at."""

    CREW = "crew"  # carrier, vehicle and crew are those of the manifest, and showed their permits
    LABELS = "labels"  # they say what the manifest says
    PACKAGES = "packages"  # closed and whole
    EMERGENCY = "emergency"  # the crew has the measures for an emergency, and what they need


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLoading(SignAct):
    """Command: the shipper signs what it has looked at."""

    seen: Collection[LoadingPoint] = ()


_UNSEEN = {
    LoadingPoint.CREW: message("Nobody has said that carrier, vehicle and crew are those of the manifest."),
    LoadingPoint.LABELS: message("Nobody has said that the labels say what the manifest says."),
    LoadingPoint.PACKAGES: message("Nobody has said that the packages are closed and whole."),
    LoadingPoint.EMERGENCY: message("Nobody has said that the crew has what an emergency needs."),
}
_STEP = message("Look at it and say so. Where it is not so, do not load: put it right, or withdraw the manifest.")


async def check_loading(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The shipper signs that it looked, before the first carrier takes the load over; permits and licences are looked
    at again for this very day.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden, Conflict when it was signed before, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.CHECK_LOADING, ManifestKind(row.kind))
    if await loading_checked(session, row.id):
        raise Conflict("loading_checked_already", "The shipper has signed this already.")
    moment = moment_of(command.dated, at, after=row.last_act_at)
    lines = await queries.line_rows(session, row.id)
    loads = await containers.locked_on_paper(session, tuple(line.container_id for line in lines))
    legs = await queries.legs(session, row.id)
    transfer = await loaded_transfer(session, row, lines, loads, legs, moment=moment)
    broken = [*await grounds.why_not_today(session, row, transfer), *why_not_loads(row, loads)]
    seen = command.seen if isinstance(command, CheckLoading) else ()
    broken += [
        Broken(point.value, "loading_unseen", _UNSEEN[point], None, ARTICLE, _STEP)
        for point in LoadingPoint
        if point not in seen
    ]
    refuse(broken)
    driver_id = legs[0].driver_id
    leaf = await sign(
        session,
        actor,
        row,
        Act.CHECK_LOADING,
        moment=moment,
        container_ids=tuple(line.container_id for line in lines),
        facts={
            "leg": 1,
            "carrier": str(legs[0].carrier_id),
            "vehicle": str(legs[0].vehicle_id),
            "driver": None if driver_id is None else str(driver_id),
            "seen": [point.value for point in LoadingPoint],
        },
        signing=command.signing,
    )
    return row, leaf
