"""What the ledger says beside a plan: what sites made and treated, by year and code; what stands there now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.db.session import ReadSession
from wastetrack.ledger.model import AccountKind
from wastetrack.ledger.queries import balances_of
from wastetrack.mass import ZERO, Mass

_YEARS = "select site_id, kind, waste_code, year, grams from plan_years($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Actuals:
    """Grams of one site by year and code."""

    generated: Mapping[tuple[int, str], Mass] = field(default_factory=dict)
    treated: Mapping[tuple[int, str], Mass] = field(default_factory=dict)

    def by_year(self) -> dict[int, Mass]:
        """What was made in each year, over all codes."""
        total: dict[int, int] = defaultdict(int)
        for (year, _), mass in self.generated.items():
            total[year] += mass.grams
        return {year: Mass(grams) for year, grams in total.items()}


async def of_sites(
    session: ReadSession, site_ids: Iterable[UUID], *, first_year: int, last_year: int
) -> dict[UUID, Actuals]:
    """The sums of whole years of the law's calendar, in one statement. Sites that are not one's own, nor in the region
    that one watches, have none."""
    since = datetime(first_year, 1, 1, tzinfo=LEGAL_ZONE)
    until = datetime(last_year + 1, 1, 1, tzinfo=LEGAL_ZONE)
    wanted = tuple(site_ids)
    made: dict[UUID, dict[tuple[int, str], Mass]] = {one: {} for one in wanted}
    treated: dict[UUID, dict[tuple[int, str], Mass]] = {one: {} for one in wanted}
    for site_id, kind, waste_code, year, grams in await (await session.driver()).fetch(_YEARS, wanted, since, until):
        if kind == AccountKind.TREATED.value:
            table, mass = treated[site_id], Mass(grams)
        else:  # what is made stands on the credit side; residues of treatment are made too
            table, mass = made[site_id], Mass(-grams)
        table[year, waste_code] = table.get((year, waste_code), ZERO) + mass
    return {one: Actuals(made[one], treated[one]) for one in wanted}


async def stored(session: ReadSession, site_id: UUID) -> dict[str, Mass]:
    """What stands at a site now, by code."""
    return {one.waste_code: Mass(one.balance_g) for one in await balances_of(session, site_id, kind=AccountKind.STORED)}
