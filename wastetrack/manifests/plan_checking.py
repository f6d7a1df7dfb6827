"""Whether a manifest needs a plan and a contract, by its ground, and what it takes of them."""

from collections.abc import Mapping

from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.manifests.checking import Transfer
from wastetrack.manifests.model import ManifestKind, TransferBasis
from wastetrack.manifests.tables import ManifestRow
from wastetrack.plans import checking
from wastetrack.plans.checking import Checked, Compared, Wanted

# 令23 art. 10 and 14 bind whoever transfers hazardous waste. What meets an exemption goes by its own conditions
# (令23 art. 2), but its user stands in A.7 (HJ 1259-2022, 5.5.5 f). General industrial waste has no such plan; its
# contract is asked for by 固废法 art. 37. What goes back to its shipper is planned by nobody: a return is never filed.
_NEEDS: Mapping[TransferBasis, tuple[bool, bool]] = {
    TransferBasis.PERMIT: (True, True),
    TransferBasis.POINT_TO_POINT: (True, True),
    TransferBasis.GROUP_INTERNAL: (True, True),
    TransferBasis.EXEMPT: (True, False),
    TransferBasis.GENERAL: (False, True),
}
"""Ground → whether a plan, whether a contract."""


async def check_plan(session: WriteSession, row: ManifestRow, transfer: Transfer) -> Checked:
    """Look at plan and contract, locked until the unit of work ends."""
    return await checking.check(session, _wanted(row, transfer))


async def foresee_plan(
    session: ReadSession, row: ManifestRow, transfer: Transfer
) -> tuple[tuple[Compared, ...], Checked]:
    """The same without a lock, for a manifest that is still being planned."""
    return await checking.look(session, _wanted(row, transfer))


def _wanted(row: ManifestRow, transfer: Transfer) -> Wanted:
    needs_plan, needs_contract = _NEEDS[TransferBasis(row.basis)]
    # Whom an epidemic calls up stands in no plan of the year: the government's order is the plan (固废法 art. 91).
    needs_plan = needs_plan and (row.kind, row.basis) != (ManifestKind.MEDICAL.value, TransferBasis.EXEMPT.value)
    return Wanted(
        shipper_id=row.shipper_id,
        shipper_site_id=row.shipper_site_id,
        receiver_id=row.receiver_id,
        method=row.method,
        on=row.planned_on,
        grams_by_code=transfer.grams_by_code,
        needs_plan=needs_plan,
        needs_contract=needs_contract and row.shipper_id != row.receiver_id,
        reason=row.plan_reason,
    )


def facts_of(row: ManifestRow, checked: Checked) -> dict[str, object]:
    """What the event of the filing says of it; the reason is the signer's own words."""
    facts: dict[str, object] = {"plan_lines": [use.fact() for use in checked.uses]}
    if checked.explained:
        facts |= {"beyond": list(checked.explained), "reason": row.plan_reason}
    return facts
