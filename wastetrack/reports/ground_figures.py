"""On what a manifest rests, as the printed form says it: its ground, the exemptions it claims, its approvals."""

from wastetrack.approvals import queries as approvals
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import ReadSession
from wastetrack.i18n import label
from wastetrack.manifests import grounds
from wastetrack.manifests.queries import Manifest
from wastetrack.reports.figures import Words

_GROUND = Words("转移依据", "Ground of the transfer")
_EXEMPT = Words("豁免管理清单", "Exemption list")


async def grounds_of(session: ReadSession, manifest: Manifest) -> tuple[tuple[Words, Words], ...]:
    """Pairs of caption and text; none for a transfer within the province that rests on the receiver's permit."""
    row = manifest.row
    basis = TransferBasis(row.basis)
    told: list[tuple[Words, Words]] = []
    if basis is not TransferBasis.PERMIT:
        told.append((_GROUND, Words(label(basis, "zh"), label(basis, "en"))))
    if basis is TransferBasis.EXEMPT:
        for entry in await grounds.exemptions_of(session, row):
            text = f"{entry.item}　{entry.waste}　{entry.stage}　{entry.condition}"
            told.append((_EXEMPT, Words(text, text)))
    for rests in await approvals.approvals_of_manifest(session, row.id):
        amount = f"{rests.waste_code}　{rests.booked.tonne_text()}"
        told.append(
            (
                Words(label(rests.kind, "zh"), label(rests.kind, "en")),
                Words(
                    f"{rests.number or '—'}　{amount}　有效期至 {rests.valid_to}",
                    f"{rests.number or '—'}　{amount}　valid to {rests.valid_to}",
                ),
            )
        )
    return tuple(told)
