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


def moved(
    manifest_id: UUID,
    from_site_id: UUID,
    to_site_id: UUID,
    loads: tuple[tuple[str, Mass, Mass], ...],
    *,
    measurement: Measurement | None = None,
    kind: DiscrepancyKind = DiscrepancyKind.WEIGHING,
) -> Entry:
    """Within one record of a manifest that runs: out of the one site, over the road, into the other. `loads` are
    codes with what was sent and what was measured on arrival; what they differ by goes to discrepancy.

    The way over `in_transit` is stated though it leaves nothing there, so that the account tells what went over it.
    """
    road, lost = chart.in_transit(manifest_id), chart.discrepancy(manifest_id, kind)
    lines = (
        line
        for code, sent, measured in loads
        for line in (
            (chart.stored(from_site_id), code, -sent.grams),
            (road, code, sent.grams),
            (road, code, -sent.grams),
            (lost, code, (sent - measured).grams),
            (chart.stored(to_site_id), code, measured.grams),
        )
    )
    return Entry(EntryKind.MOVED, tuple(Posting(*line) for line in lines if line[2]), measurement)


def missing(manifest_id: UUID, loads: Loads) -> Entry:
    """Declared containers did not arrive."""
    account = chart.discrepancy(manifest_id, DiscrepancyKind.MISSING_CONTAINER)
    return entry_of(
        EntryKind.MISSING,
        *((account, code, mass.grams) for code, mass in loads),
        *((chart.in_transit(manifest_id), code, -mass.grams) for code, mass in loads),
    )


def back_on_the_road(manifest_id: UUID, waste_code: str, mass: Mass) -> Entry:
    """A container that was missing is found, and goes on under its manifest with what it was missed with."""
    return entry_of(
        EntryKind.FOUND,
        (chart.in_transit(manifest_id), waste_code, mass.grams),
        (chart.discrepancy(manifest_id, DiscrepancyKind.MISSING_CONTAINER), waste_code, -mass.grams),
    )


def found_at_site(
    manifest_id: UUID, site_id: UUID, waste_code: str, *, missed: Mass, measured: Mass, measurement: Measurement
) -> Entry:
    """A container that was missing is found at a site and stays there: into store as measured, the rest to
    discrepancy."""
    return entry_of(
        EntryKind.FOUND,
        (chart.stored(site_id), waste_code, measured.grams),
        (chart.discrepancy(manifest_id, DiscrepancyKind.WEIGHING), waste_code, (missed - measured).grams),
        (chart.discrepancy(manifest_id, DiscrepancyKind.MISSING_CONTAINER), waste_code, -missed.grams),
        measurement=measurement,
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


def sent_out(site_id: UUID, method: str, loads: Loads) -> Entry:
    """Containers of general waste left a site without a manifest."""
    return entry_of(
        EntryKind.SENT_OUT,
        *((chart.sent_out(site_id, method), code, mass.grams) for code, mass in loads),
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


def found_at_count(
    site_id: UUID, found: tuple[tuple[str, Mass, DiscrepancyKind], ...], measurement: Measurement | None = None
) -> Entry:
    """A count of several containers found more (negative: less) of each code than the books say, and why."""
    return entry_of(
        EntryKind.STOCK_TAKEN,
        *((chart.stored(site_id), code, more.grams) for code, more, _ in found),
        *((chart.discrepancy(site_id, kind), code, -more.grams) for code, more, kind in found),
        measurement=measurement,
    )


def received_load(
    manifest_id: UUID,
    site_id: UUID,
    taken: tuple[tuple[str, Mass, Mass], ...],
    missing: Loads,
    measurement: Measurement,
) -> Entry:
    """A whole load was taken in: `taken` are codes with declared and measured mass, `missing` what did not arrive."""
    weighing, lost = (
        chart.discrepancy(manifest_id, kind) for kind in (DiscrepancyKind.WEIGHING, DiscrepancyKind.MISSING_CONTAINER)
    )
    return entry_of(
        EntryKind.RECEIVED,
        *((chart.stored(site_id), code, measured.grams) for code, _, measured in taken),
        *((weighing, code, (declared - measured).grams) for code, declared, measured in taken),
        *((lost, code, declared.grams) for code, declared in missing),
        *((chart.in_transit(manifest_id), code, -declared.grams) for code, declared, _ in taken),
        *((chart.in_transit(manifest_id), code, -declared.grams) for code, declared in missing),
        measurement=measurement,
    )


def gathered(from_site_id: UUID, to_site_id: UUID, loads: Loads) -> Entry:
    """A collection point took over what a small institution had made."""
    return entry_of(
        EntryKind.GATHERED,
        *((chart.stored(to_site_id), code, mass.grams) for code, mass in loads),
        *((chart.stored(from_site_id), code, -mass.grams) for code, mass in loads),
    )


def reversal(entry_id: UUID, entry: Entry) -> Entry:
    """The mirror of an entry, naming it."""
    postings = tuple(Posting(line.account, line.waste_code, -line.amount_g) for line in entry.postings)
    return Entry(EntryKind.REVERSED, postings, entry.measurement, reverses_id=entry_id)
