"""How far an urgent run looks back for a rule: the keys of the transfers and labels that a new finding may rest on.

Each of these statements finds rows by what is told of them in the product's own tables, through indexes or by one pass
over a narrow table; the views of schema `extract` are then asked for the rows of these keys alone. Nothing is left out
that what is found from some instant on rests on:

- what has not ended, and what moved since then, with all that was carried in the same rounds;
- all other papers, however old, that name a label of those, and returns between their places;
- of a plate with a load that was long on the road, what left since that load did;
- beside it, by `Reach`: a month and the time in which nobody can get anywhere, old labels that still stand, or all
  weighings on scales whose verification has ended.
"""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wastetrack.checks.model import Looks, Rule, Settings

if TYPE_CHECKING:
    import psycopg

_MARGIN = timedelta(days=1)
"""R05 asks what moved within a day of what it finds; clocks and months are cut with it, too."""
_CIVIL = timedelta(hours=8)
_MOVED = """
select id from manifests where filed_at is not null and (
  greatest(filed_at, picked_up_at, arrived_at, received_at, closed_at, last_act_at) >= %(since)s
  or (received_at is null and state not in ('cancelled', 'void')))
union
select id from trip_cards where handed_over_at is not null and (
  greatest(handed_over_at, picked_up_at, arrived_at, received_at, last_act_at) >= %(since)s
  or (received_at is null and state <> 'cancelled'))
union
select manifest_key from extract.loads where not named and scanned_at >= %(since)s
"""
_SAME_ROUND = """
select other.manifest_id from trip_stops one join trip_stops other on other.trip_id = one.trip_id
where one.manifest_id = any (%(papers)s)
"""
_SAME_PLATE = """
with loaded as (
  select leg.vehicle_id, paper.picked_up_at as left_at, coalesce(paper.arrived_at, paper.received_at) as reached_at
  from manifests paper join manifest_legs leg on leg.manifest_id = paper.id and leg.position = 1
  where paper.id = any (%(papers)s)
  union all
  select vehicle_id, picked_up_at, coalesce(arrived_at, received_at) from trip_cards where id = any (%(papers)s)
), slow as (
  select vehicle_id, min(left_at) as left_at from loaded where reached_at >= %(since)s and left_at < %(since)s
  group by 1
)
select paper.id from slow join manifest_legs leg on leg.vehicle_id = slow.vehicle_id
join manifests paper on paper.id = leg.manifest_id where paper.picked_up_at between slow.left_at and %(since)s
union
select card.id from slow join trip_cards card on card.vehicle_id = slow.vehicle_id
where card.picked_up_at between slow.left_at and %(since)s
"""
_LABELS_OF = """
select container_id from manifest_containers where manifest_id = any (%(papers)s)
union select container_id from trip_card_bags where card_id = any (%(papers)s)
union select container_id from pipe_days where manifest_id = any (%(papers)s) and container_id is not null
union select container_id::uuid from extract.loads where not named and manifest_key = any (%(papers)s)
"""
_COUNTED = "select container_id from stock_take_lines where found_at >= %(since)s and container_id is not null"
_NAMING = """
select container_id, manifest_id from manifest_containers where container_id = any (%(labels)s)
union select container_id, card_id from trip_card_bags where container_id = any (%(labels)s)
union select container_id, manifest_id from pipe_days where container_id = any (%(labels)s)
union select container_id::uuid, manifest_key from extract.loads
  where not named and container_id = any (%(labels)s::uuid[]::text[])
"""
# A return brings back what was carried twice, whether or not it names it.
_RETURNS = """
with ends as (
  select shipper_site_id, receiver_site_id from manifests where id = any (%(papers)s)
  union select site_id, receiver_site_id from trip_cards where id = any (%(papers)s)
)
select id from manifests where returns_id is not null
  and shipper_site_id in (select receiver_site_id from ends) and receiver_site_id in (select shipper_site_id from ends)
"""
_STANDING = """
select id from containers where created_at < %(made_before)s and waste_code ~ %(codes)s and (
  state not in ('treated', 'emptied', 'sent_out')
  or (state = 'treated' and treatment_batch_id in (
    select batch.id from treatment_batches batch join entries entry on entry.id = batch.id
    where entry.happened_at >= %(month)s))
  or (state = 'emptied' and id in (
    select went.parent_id from container_lineage went join log_leaves leaf on leaf.id = went.event_id
    where leaf.recorded_at >= %(month)s))
  or (state = 'sent_out' and exists (
    select from log_subjects subject join log_leaves leaf on leaf.arrival = subject.arrival
    join entries entry on entry.id = leaf.id and entry.kind = 'sent_out'
    where subject.subject_id = containers.id and entry.happened_at >= %(month)s)))
"""
_MADE = """
select id from containers where created_at >= %(made_after)s and created_at < %(made_before)s and waste_code ~ %(codes)s
"""
_ON_LAPSED_SCALES = """
with lapsed as (
  select organisation_id, min(verified_until) as until_on from scales where verified_until < %(as_of)s::date + 1
    and organisation_id in (
      select shipper_id from manifests where id = any (%(papers)s)
      union select receiver_id from manifests where id = any (%(papers)s))
  group by 1
)
select paper.id from manifests paper join lapsed on lapsed.organisation_id in (paper.shipper_id, paper.receiver_id)
where paper.filed_at is not null and coalesce(paper.received_at, paper.filed_at) >= lapsed.until_on
union
select day.manifest_id from pipe_days day join meters meter on meter.id in (day.sent_meter_id, day.received_meter_id)
where meter.verified_until < %(as_of)s::date + 1 and day.day >= meter.verified_until
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a rule is shown."""

    papers: tuple[UUID, ...] = ()
    """Manifests and trip cards of which something new may be told; their weighings are shown."""
    around: tuple[UUID, ...] = ()
    """Those, and all others that name the same labels."""
    labels: tuple[UUID, ...] = ()
    since: datetime | None = None
    """Older scans are not shown."""


class Reaching:
    """Finds keys in one snapshot, those that several rules share once."""

    def __init__(self, connection: "psycopg.Connection[Any]", as_of: datetime, since: datetime) -> None:
        self._connection, self._as_of = connection, as_of
        self._month = _month_of(since) - _MARGIN
        self._since = since - _MARGIN
        self._moved: Keys | None = None

    def of(self, rule: Rule, at: Settings) -> Keys:
        """For what a rule finds from `since` on."""
        match rule.looks:
            case Looks.MOVED:
                return self._of_moved()
            case Looks.WEIGHED:
                moved = self._of_moved().papers
                papers = {*moved, *self._ids(_ON_LAPSED_SCALES, papers=list(moved), as_of=self._as_of)}
                return Keys(papers=tuple(papers), around=tuple(papers))
            case Looks.TRAVELLED:
                return self._of_travelled(timedelta(hours=rule.looks_back(at)))
            case Looks.STANDING | Looks.MADE:
                return self._of_labels(rule, timedelta(hours=rule.looks_back(at)))

    def _of_moved(self) -> Keys:
        if self._moved is None:
            papers = self._with_rounds({*self._ids(_MOVED, since=self._since)})
            papers = self._with_rounds({*papers, *self._ids(_SAME_PLATE, papers=list(papers), since=self._since)})
            labels = self._ids(f"{_LABELS_OF} union {_COUNTED}", papers=list(papers), since=self._since)
            naming = self._pairs(labels)
            again = {label for label, many in naming.items() if len(many) > 1}
            around = papers.union(*naming.values())
            twice = [one for label in again for one in naming[label]]
            around |= {*self._ids(_RETURNS, papers=twice)} if twice else set()
            self._moved = Keys(papers=tuple(papers), around=tuple(around), labels=tuple(labels))
        return self._moved

    def _with_rounds(self, papers: set[UUID]) -> set[UUID]:
        return papers | {*self._ids(_SAME_ROUND, papers=list(papers))}

    def _of_travelled(self, apart: timedelta) -> Keys:
        since = min(self._month, self._since) - apart
        papers = self._ids(_MOVED, since=since)
        labels = self._ids(f"{_LABELS_OF} union {_COUNTED}", papers=papers, since=since)
        return Keys(papers=tuple(papers), around=tuple(papers), labels=tuple(labels), since=since)

    def _of_labels(self, rule: Rule, age: timedelta) -> Keys:
        given = {"made_before": self._as_of - age, "made_after": self._month - age, "month": self._month}
        asked = _STANDING if rule.looks is Looks.STANDING else _MADE
        labels = self._ids(asked, codes=rule.looks_at_codes, **given)
        around = set[UUID]().union(*self._pairs(labels).values())
        return Keys(around=tuple(around), labels=tuple(labels))

    def _pairs(self, labels: list[UUID]) -> dict[UUID, set[UUID]]:
        """By label, the papers that name it."""
        naming: dict[UUID, set[UUID]] = {}
        for label, paper in self._connection.execute(_NAMING, {"labels": labels}):
            naming.setdefault(label, set()).add(paper)
        return naming

    def _ids(self, asked: str, **given: object) -> list[UUID]:
        return [row[0] for row in self._connection.execute(asked.encode(), given)]


def _month_of(instant: datetime) -> datetime:
    civil = instant.astimezone(UTC) + _CIVIL
    return civil.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - _CIVIL
