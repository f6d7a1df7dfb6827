"""What filed plans say will arise and be treated at the site itself. Needs no solver: pages read it, too."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from wastetrack.capacity.facts import OF_SITE, OwnTreatmentFacts
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.db.session import ReadSession
from wastetrack.plans.content import Quantity

PLANS: Final = """
select plan.site_id, (version.content -> 'generation')::text as generation,
  (version.content -> 'treatment')::text as treatment, (version.content -> 'transfer')::text as transfer
from management_plans plan
join plan_versions version on version.plan_id = plan.id and version.version = plan.version
join sites site on site.id = plan.site_id
where plan.year = $2 and plan.filed_at is not null and site.region_code like $1 || '%'
order by plan.site_id
"""
"""Of a region and year, as far as the eyes of the session see them."""


async def planned_in(session: ReadSession, region: str, year: int) -> int:
    """Grams that the filed plans of a region say will arise in a year, as far as these eyes see them; one statement."""
    _, planned, _ = told_by(await (await session.driver()).fetch(PLANS, region, year))
    return sum(planned.values())


def told_by(rows: list[Mapping[str, Any]]) -> tuple[set[UUID], dict[OF_SITE, int], list[OwnTreatmentFacts]]:
    """Who has filed, what will arise by site and code, what is treated at the site itself."""
    filed: set[UUID] = set()
    planned: dict[OF_SITE, int] = defaultdict(int)
    treated: list[OwnTreatmentFacts] = []
    for row in rows:
        filed.add(row["site_id"])
        for line in orjson.loads(row["generation"] or "[]"):
            if not is_general(line["waste_code"]):
                planned[row["site_id"], line["waste_code"]] += _grams(line)
        treated += [
            OwnTreatmentFacts(row["site_id"], line["waste_code"], line["method"], _grams(line))
            for line in orjson.loads(row["treatment"] or "[]")
            if line["method"] and not is_general(line["waste_code"])
        ]
    return filed, dict(planned), treated


def _grams(line: Mapping[str, Any]) -> int:
    return Quantity.model_validate(line["planned"]).mass().grams
