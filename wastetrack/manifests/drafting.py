"""The row with which every manifest begins, of whatever kind: a draft that only its owner sees."""

from datetime import date, datetime

from wastetrack.auth.sight import show, viewer_of_organisation
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import queries
from wastetrack.manifests.model import ManifestKind, ManifestState, TransferBasis
from wastetrack.manifests.tables import ManifestRow
from wastetrack.parties.model import Site


async def begin_draft(
    session: WriteSession,
    shipper: Site,
    receiver: Site,
    *,
    kind: ManifestKind,
    basis: TransferBasis,
    method: str,
    planned_on: date,
    remarks: str,
    at: datetime,
    plan_reason: str = "",
) -> ManifestRow:
    """A draft from one site to another. What is moved, and by whom, its kind writes beside it."""
    row = ManifestRow(
        id=new_id(),
        kind=kind.value,
        basis=basis.value,
        state=ManifestState.DRAFT.value,
        version=1,
        shipper_id=shipper.organisation_id,
        shipper_site_id=shipper.id,
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        origin_region=shipper.region_code,
        destination_region=receiver.region_code,
        method=method,
        planned_on=planned_on,
        remarks=remarks,
        plan_reason=plan_reason,
        created_at=at,
        last_act_at=at,
    )
    session.add(row)
    await session.flush()
    await show(session, queries.KIND, row.id, (viewer_of_organisation(shipper.organisation_id),))
    return row
