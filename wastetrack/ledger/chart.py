"""The accounts by name: who may hold mass."""

from uuid import UUID

from wastetrack.ledger.model import Account, AccountKind, DiscrepancyKind


def generated(site_id: UUID) -> Account:
    """All the waste that a site declared to have made."""
    return Account(AccountKind.GENERATED, site_id)


def stored(site_id: UUID) -> Account:
    """What stands at a site."""
    return Account(AccountKind.STORED, site_id)


def in_transit(manifest_id: UUID) -> Account:
    """What is on the road under a manifest."""
    return Account(AccountKind.IN_TRANSIT, manifest_id)


def treated(site_id: UUID, method: str) -> Account:
    """What a site destroyed, recovered or landfilled by a method."""
    return Account(AccountKind.TREATED, site_id, method)


def sent_out(site_id: UUID, method: str) -> Account:
    """General waste that left a site without a manifest, to be used or disposed of by a method."""
    return Account(AccountKind.SENT_OUT, site_id, method)


def residue_source(site_id: UUID) -> Account:
    """The bridge by which residues of treatment enter as new waste."""
    return Account(AccountKind.RESIDUE_SOURCE, site_id)


def reclassified(site_id: UUID) -> Account:
    """The bridge between codes."""
    return Account(AccountKind.RECLASSIFIED, site_id)


def discrepancy(holder_id: UUID, kind: DiscrepancyKind) -> Account:
    """What declared and found mass differ by, at a manifest or a site."""
    return Account(AccountKind.DISCREPANCY, holder_id, kind.value)


def opening(site_id: UUID) -> Account:
    """Stock at the start of records."""
    return Account(AccountKind.OPENING, site_id)
