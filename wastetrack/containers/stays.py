"""What the term of a container depends on, as columns of one statement, and as a value."""

from typing import Any, Final

from wastetrack.containers.clocks import Stay
from wastetrack.parties.model import SiteKind

SINCE: Final = "coalesce(held.stands_since, held.created_at)"
# What a clock depends on, as columns; `held` is the container. A permit counts on the day itself.
STAY: Final = """
  held.waste_code, held.generated_on, {since} as since,
  held.site_id = held.made_at_site_id as made_here, site.kind as site_kind, 'disposer' = any(firm.kinds) as licensed,
  (select true from permits permit where permit.organisation_id = site.organisation_id and permit.kind = 'collection'
    and (permit.site_id is null or permit.site_id = site.id)
    and {day} between permit.valid_from and permit.valid_to limit 1) as collects,
  store.temperature_c as own_temperature_c, facility.temperature_c as facility_temperature_c,
  coalesce(store.remote_disinfected or facility.remote_disinfected, false) as remote_disinfected,
  (select max(given.until) from storage_extensions given where given.site_id = site.id
    and (given.waste_code is null or given.waste_code = held.waste_code)) as extended_until
"""
JOINS: Final = """
join sites site on site.id = held.site_id
join organisations firm on firm.id = site.organisation_id
left join stores store on store.id = held.store_id
left join stores facility on facility.id = store.parent_id
"""


def stay_of(row: Any) -> Stay:  # noqa: ANN401  a record
    """The columns of STAY as a value; a zone without a temperature has that of its facility."""
    own = row["own_temperature_c"]
    return Stay(
        waste_code=row["waste_code"],
        generated_on=row["generated_on"],
        since=row["since"],
        made_here=row["made_here"],
        site_kind=SiteKind(row["site_kind"]),
        licensed=row["licensed"],
        collects=bool(row["collects"]),
        temperature_c=row["facility_temperature_c"] if own is None else own,
        remote_disinfected=row["remote_disinfected"],
        extended_until=row["extended_until"],
    )
