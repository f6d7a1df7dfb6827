"""All tables of an extract."""

from wastetrack.extracts.columns import Table
from wastetrack.extracts.schema import parties, plants, transfers, truth, zones

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        parties.ORGANISATIONS,
        parties.SITES,
        parties.VEHICLES,
        parties.PEOPLE,
        parties.SCALES,
        parties.PERMITS,
        parties.PERMIT_ITEMS,
        parties.APPROVALS,
        parties.PLANS,
        parties.PROCESSES,
        parties.FACILITIES,
        parties.ALARMS,
        transfers.MANIFESTS,
        transfers.WEIGHINGS,
        transfers.CONTAINERS,
        transfers.LOADS,
        transfers.SCANS,
        transfers.SIGNATURES,
        transfers.AMENDMENTS,
        transfers.POSITIONS,
        plants.BATCHES,
        plants.BATCH_INPUTS,
        plants.RESIDUES,
        plants.READINGS,
        plants.STOCK_TAKES,
        plants.GENERATION,
        plants.ACTIVITY,
        zones.ZONES,
    )
}
TRUTH_TABLES: dict[str, Table] = {table.name: table for table in (truth.TRUTH, truth.TRUTH_MANIFESTS)}
"""Those of the folder `truth` of a made world; no check ever reads them."""
