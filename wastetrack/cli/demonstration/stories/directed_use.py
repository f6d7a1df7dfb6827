"""Approvals with a cap: spent acid for one named user, and a facility that firms of one group share."""

from datetime import timedelta

from wastetrack.approvals.model import ApprovalAct, ApprovalKind, DraftApproval
from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.guests import ACID, PICKLING
from wastetrack.cli.demonstration.members import Firm
from wastetrack.cli.demonstration.stories.across import apply, take, wanted
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.manifests.model import TransferBasis

_DAYS = 300


async def point_to_point(teller: Teller) -> None:
    """Spent acid becomes a water treatment agent at one named firm."""
    await _directed(
        teller,
        teller.guests.user,
        ApprovalKind.POINT_TO_POINT,
        TransferBasis.POINT_TO_POINT,
        waste=(ACID, "R6", 1_010),
        before=64,
        number="鲁环点对点（演示）1号",
    )


async def group_internal(teller: Teller) -> None:
    """Nickel sludge goes to the facility of a sister firm."""
    await _directed(
        teller,
        teller.guests.sister,
        ApprovalKind.GROUP_INTERNAL,
        TransferBasis.GROUP_INTERNAL,
        waste=(PICKLING, "R4", 740),
        before=53,
        number="鲁环集团共享（演示）1号",
    )


async def _directed(
    teller: Teller,
    receiver: Firm,
    kind: ApprovalKind,
    basis: TransferBasis,
    *,
    waste: tuple[str, str, int],
    before: int,
    number: str,
) -> None:
    """Applied for, approved, one load that is received and used up."""
    works, (code, method, kilograms) = teller.guests.works, waste
    step = await teller.at(before, 9.2)
    command = DraftApproval(
        kind=kind,
        shipper_site_id=works.site.id,
        receiver_site_id=receiver.site.id,
        from_on=local_day(step.at),
        to_on=local_day(step.at) + timedelta(days=_DAYS),
        items=(wanted(code, "40 t", method),),
        basis=basis,
        group_name="云杉溪集团" if kind is ApprovalKind.GROUP_INTERNAL else "",
    )
    approval_id = await apply(teller, step, works, command)
    step = await teller.at(before - 5, 10.0)
    await take(step, teller.guests.approver, approval_id, ApprovalAct.APPROVE, number=number)
    step = await teller.at(before - 20, 8.3)
    loads = await label(teller, step, works, code, kilograms)
    haul = Haul(
        teller=teller,
        sender=works,
        receiver=receiver,
        carriers=[teller.carrier()],
        method=method,
        loads=loads,
        basis=basis,
    )
    step = await teller.later(await haul.go(await teller.later(step, 0.5)), 30)
    command_to_use = Treat(
        site_id=receiver.site.id,
        container_ids=tuple(load.id for load in loads),
        method=method,
        treated_on=local_day(step.at),
    )
    await treat(step.session, receiver.by(Role.OWNER), command_to_use, at=step.at)
