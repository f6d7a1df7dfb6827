"""Applications as people and programs read them: names of firms and sites, the clock, what may be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.approvals import queries
from wastetrack.approvals.clocks import ApprovalClock
from wastetrack.approvals.model import ApprovalAct, ApprovalKind, ApprovalState
from wastetrack.approvals.policy import acts_open_to, is_owed_by
from wastetrack.approvals.queries import Approval
from wastetrack.approvals.states import OPEN
from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.db.session import ReadSession
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Organisation, Site


@dataclass(frozen=True, slots=True)
class ReadApproval:
    """An application with what belongs to it by name. `state` is as the law has it at this moment."""

    row: Approval
    kind: ApprovalKind
    state: ApprovalState
    clock: ApprovalClock | None
    clock_is_mine: bool
    acts: tuple[ApprovalAct, ...]
    may_change: bool
    may_copy: bool
    generator: Organisation
    receiver: Organisation
    shipper_site: Site
    receiver_site: Site


async def read(session: ReadSession, actor: Actor, rows: Sequence[Approval], *, at: datetime) -> list[ReadApproval]:
    """These applications, in two statements however many they are."""
    firms = await parties.organisations_by_id(
        session, {one for row in rows for one in (row.generator_id, row.receiver_id)}
    )
    sites = await parties.sites_by_id(
        session, {one for row in rows for one in (row.shipper_site_id, row.receiver_site_id)}
    )
    return [_read(actor, row, firms, sites, at=at) for row in rows]


def _read(
    actor: Actor, row: Approval, firms: dict[UUID, Organisation], sites: dict[UUID, Site], *, at: datetime
) -> ReadApproval:
    state = queries.standing_of(row, at)
    kind = ApprovalKind(row.kind)
    clock = queries.clock_for(row, at)
    own = actor.organisation_id == row.generator_id and bool(may(actor, Verb.APPLY))
    return ReadApproval(
        row=row,
        kind=kind,
        state=state,
        clock=clock,
        clock_is_mine=clock is not None and bool(is_owed_by(actor, clock.side, row)),
        acts=acts_open_to(actor, kind, state, row, noticed=row.noticed_at is not None),
        may_change=own and state in OPEN,
        may_copy=own and state is not ApprovalState.DRAFT,
        generator=firms[row.generator_id],
        receiver=firms[row.receiver_id],
        shipper_site=sites[row.shipper_site_id],
        receiver_site=sites[row.receiver_site_id],
    )
