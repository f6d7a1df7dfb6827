"""One function per fact, each giving the one balanced entry that states it."""

from uuid import UUID

from wastetrack.ledger import chart
from wastetrack.ledger.model import DiscrepancyKind, Entry, EntryKind, Measurement, Posting, entry_of
from wastetrack.mass import Mass

Loads = tuple[tuple[str, Mass], ...]


def generated(site_id: UUID, waste_code: str, mass: Mass, measurement: Measurement) -> Entry:
    """Waste was made at a site and stands there."""
    return entry_of(
        EntryKind.GENERATED,
        (chart.stored(site_id), waste_code, mass.grams),
        (chart.generated(site_id), waste_code, -mass.grams),
        measurement=measurement,
    )


def opened(site_id: UUID, waste_code: str, mass: Mass, measurement: Measurement) -> Entry:
    """Stock that stood at a site when records began."""
    return entry_of(
        EntryKind.OPENED,
        (chart.stored(site_id), waste_code, mass.grams),
        (chart.opening(site_id), waste_code, -mass.grams),
        measurement=measurement,
    )


def reweighed(site_id: UUID, waste_code: str, difference: Mass, measurement: Measurement) -> Entry:
    """The maker's own figure changed by `difference` before anybody else took it over."""
    return entry_of(
        EntryKind.REWEIGHED,
        (chart.stored(site_id), waste_code, difference.grams),
        (chart.generated(site_id), waste_code, -difference.grams),
        measurement=measurement,
    )


def picked_up(site_id: UUID, manifest_id: UUID, loads: Loads) -> Entry:
    """Containers left a site on a manifest; `loads` are their codes and declared masses."""
    return entry_of(
        EntryKind.PICKED_UP,
        *((chart.in_transit(manifest_id), code, mass.grams) for code, mass in loads),
        *((chart.stored(site_id), code, -mass.grams) for code, mass in loads),
    )


def received(
    manifest_id: UUID, site_id: UUID, waste_code: str, *, declared: Mass, measured: Mass, measurement: Measurement
) -> Entry:
    """A container was taken in: off the road as declared, into store as measured, the rest to discrepancy."""
    return entry_of(
        EntryKind.RECEIVED,
        (chart.stored(site_id), waste_code, measured.grams),
        (chart.discrepancy(manifest_id, DiscrepancyKind.WEIGHING), waste_code, (declared - measured).grams),
        (chart.in_transit(manifest_id), waste_code, -declared.grams),
        measurement=measurement,
    )


def missing(manifest_id: UUID, loads: Loads) -> Entry:
    """Declared containers did not arrive."""
    account = chart.discrepancy(manifest_id, DiscrepancyKind.MISSING_CONTAINER)
    return entry_of(
        EntryKind.MISSING,
        *((account, code, mass.grams) for code, mass in loads),
        *((chart.in_transit(manifest_id), code, -mass.grams) for code, mass in loads),
    )


def spilled(manifest_id: UUID, waste_code: str, mass: Mass, measurement: Measurement) -> Entry:
    """Some of a container's content leaked out on the way and was seen to; the rest stays on the road."""
    return entry_of(
        EntryKind.MISSING,
        (chart.discrepancy(manifest_id, DiscrepancyKind.SPILLAGE), waste_code, mass.grams),
        (chart.in_transit(manifest_id), waste_code, -mass.grams),
        measurement=measurement,
    )


def sent_back(manifest_id: UUID, return_id: UUID, loads: Loads) -> Entry:
    """Rejected containers stay on the road, now under the manifest that brings them back."""
    return entry_of(
        EntryKind.SENT_BACK,
        *((chart.in_transit(return_id), code, mass.grams) for code, mass in loads),
        *((chart.in_transit(manifest_id), code, -mass.grams) for code, mass in loads),
    )


def treated(site_id: UUID, method: str, loads: Loads) -> Entry:
    """Containers were destroyed, recovered or landfilled."""
    return entry_of(
        EntryKind.TREATED,
        *((chart.treated(site_id, method), code, mass.grams) for code, mass in loads),
        *((chart.stored(site_id), code, -mass.grams) for code, mass in loads),
    )


def residue(site_id: UUID, waste_code: str, mass: Mass, measurement: Measurement) -> Entry:
    """Treatment left new waste of another code."""
    return entry_of(
        EntryKind.RESIDUE,
        (chart.stored(site_id), waste_code, mass.grams),
        (chart.residue_source(site_id), waste_code, -mass.grams),
        measurement=measurement,
    )


def reclassified(site_id: UUID, old_code: str, new_code: str, mass: Mass) -> Entry:
    """Waste was re-coded: each code's own sum stays zero, the bridge account carries the change."""
    return entry_of(
        EntryKind.RECLASSIFIED,
        (chart.stored(site_id), new_code, mass.grams),
        (chart.reclassified(site_id), new_code, -mass.grams),
        (chart.reclassified(site_id), old_code, mass.grams),
        (chart.stored(site_id), old_code, -mass.grams),
    )


def found_different(
    site_id: UUID,
    waste_code: str,
    found_more: Mass,
    kind: DiscrepancyKind,
    *,
    entry_kind: EntryKind = EntryKind.STOCK_TAKEN,
    measurement: Measurement | None = None,
) -> Entry:
    """A count, or repacking, found `found_more` (negative: less) than the books say."""
    return entry_of(
        entry_kind,
        (chart.stored(site_id), waste_code, found_more.grams),
        (chart.discrepancy(site_id, kind), waste_code, -found_more.grams),
        measurement=measurement,
    )


def reversal(entry_id: UUID, entry: Entry) -> Entry:
    """The mirror of an entry, naming it."""
    postings = tuple(Posting(line.account, line.waste_code, -line.amount_g) for line in entry.postings)
    return Entry(EntryKind.REVERSED, postings, entry.measurement, reverses_id=entry_id)
