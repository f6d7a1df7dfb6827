"""A queue whose findings one statement gives: `subject_id, what, since, grams, firm_id, firm`, and facts.

$1 is whose eyes look, $2 now, $3 how many at most; what else the queue asks begins at $4. Sight stands in the statement
(sightings, or the prefix of the region), and row-level security repeats it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.queues.model import EMPTY, Evidence, Find, Finding, Heap

Asks = Callable[[datetime], Sequence[object]]
"""The queue's own parameters at an instant."""

_COMMON = frozenset({"subject_id", "what", "since", "grams", "firm_id", "firm", "total", "total_g", "other_id"})
_RANKED = """
with found as ({statement})
select found.*, count(*) over () as total, coalesce(sum(grams) over (), 0)::bigint as total_g from found
order by found.grams * greatest(extract(epoch from $2::timestamptz - found.since), 0) desc,
  found.since, found.subject_id
limit $3
"""
MANIFEST = (
    Evidence(message("The manifest"), "/manifests/{subject_id}"),
    Evidence(message("Its chain"), "/audit/manifests/{subject_id}"),
)
LINES = """
select coalesce(sum(line.declared_g), 0)::bigint as declared_g, count(*) as containers
from manifest_containers line where line.manifest_id = manifest.id"""
SEEN = """
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
"""
OF_REGION = "sighting.viewer = $1 and sighting.kind = 'manifest'"


def _nothing(_at: datetime) -> Sequence[object]:
    return ()


def by_statement(
    queue: str, statement: str, *, evidence: tuple[Evidence, ...] = MANIFEST, asks: Asks = _nothing
) -> Find:
    """A way to find them."""
    ranked = _RANKED.format(statement=statement)

    async def find(session: ReadSession, actor: Actor, at: datetime, most: int) -> Heap:
        rows = await (await session.driver()).fetch(ranked, actor.viewer, at, most, *asks(at))
        if not rows:
            return EMPTY
        findings = tuple(_finding(queue, row, evidence) for row in rows)
        return Heap(findings, rows[0]["total"], Mass(rows[0]["total_g"]))

    return find


def _finding(queue: str, row: Any, evidence: tuple[Evidence, ...]) -> Finding:  # noqa: ANN401  a record
    told = dict(row.items())
    return Finding(
        queue=queue,
        subject_id=row["subject_id"],
        what=row["what"] or "—",
        since=row["since"],
        mass=Mass(row["grams"]),
        firm_id=row["firm_id"],
        firm=row["firm"],
        facts={name: _fact(name, value) for name, value in told.items() if name not in _COMMON},
        evidence=tuple(Evidence(one.words, one.address.format(**told)) for one in evidence),
    )


def _fact(name: str, value: object) -> object:
    """Columns that end in `_g` are masses."""
    return Mass(value) if name.endswith("_g") and isinstance(value, int) else value
