"""What manifests move of each waste, from the lines and totals themselves: what bookings and uses are held against."""

from typing import Final

from wastetrack.manifests.model import TAKEN_IN, ManifestState

# Before the receipt a load is what is declared, after it what was taken in, withdrawn nothing. $2 and $3 as below.
BY_ROAD: Final = """
  select line.manifest_id, line.waste_code, sum(
    case
      when manifest.state = any($2::text[]) then 0
      when manifest.received_at is null then line.declared_g
      when line.outcome = any($3::text[]) then line.measured_g
      else 0
    end
  ) as grams
  from manifest_containers line join manifests manifest on manifest.id = line.manifest_id
  where manifest.kind = 'road' group by 1, 2
"""
WITHDRAWN: Final = (ManifestState.CANCELLED.value, ManifestState.VOID.value)
"""$2: the states in which a manifest moves nothing."""
TAKEN: Final = tuple(sorted(outcome.value for outcome in TAKEN_IN))
"""$3: the outcomes with which a container was taken in."""
